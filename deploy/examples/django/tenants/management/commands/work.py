import pathlib
import signal
import sys
import time

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from tenants.models import Job

ALIVE = pathlib.Path("/tmp/worker-alive")


class Command(BaseCommand):
    help = "Does the jobs that wait, for ever. Several may run."

    def handle(self, *args, **options):
        # The first process of a container ends at no signal that it does not ask for. A job begun is undone with its transaction.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        while True:
            with transaction.atomic():
                job = Job.objects.select_for_update(skip_locked=True).filter(done_at=None).first()
                if job:
                    job.done_at = timezone.now()
                    job.save()
            ALIVE.touch()
            if not job:
                time.sleep(1)
