from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from tenants.models import Domain, Job, Tenant, User

admin.site.register(User, UserAdmin)
admin.site.register([Tenant, Domain, Job])
