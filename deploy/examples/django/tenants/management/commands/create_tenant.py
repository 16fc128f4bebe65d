from django.core.management.base import BaseCommand
from django.db import transaction

from tenants.models import Domain, Tenant


class Command(BaseCommand):
    help = "Makes a tenant with its domains, or sees that it is there."

    def add_arguments(self, parser):
        parser.add_argument("slug")
        parser.add_argument("--name", required=True)
        parser.add_argument("--domain", action="append", default=[])

    @transaction.atomic
    def handle(self, *args, slug, name, domain, **options):
        tenant, created = Tenant.objects.get_or_create(slug=slug, defaults={"name": name})
        for host in domain:
            Domain.objects.get_or_create(host=host, defaults={"tenant": tenant})
        self.stdout.write(f"tenant {slug} {'was created' if created else 'is there'}")
