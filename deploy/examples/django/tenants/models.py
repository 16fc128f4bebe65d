from django.contrib.auth.models import AbstractUser
from django.db import models


class Tenant(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)


class Domain(models.Model):
    """A host name that a tenant answers to."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="domains")
    host = models.CharField(max_length=253, unique=True)


class User(AbstractUser):
    tenant = models.ForeignKey(Tenant, null=True, blank=True, on_delete=models.SET_NULL)


class Job(models.Model):
    """Something that the worker does behind a request."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    done_at = models.DateTimeField(null=True)
