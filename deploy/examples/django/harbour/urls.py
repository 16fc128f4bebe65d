from django.contrib import admin
from django.urls import path

from tenants import views

urlpatterns = [
    path("", views.home),
    path("health", views.health),
    path("jobs", views.jobs),
    path("admin/", admin.site.urls),
]
