from django.http import HttpResponse, HttpResponseNotFound
from django.views.decorators.csrf import csrf_exempt

from tenants.models import Domain, Job, Tenant


def tenant_of(request):
    domain = Domain.objects.select_related("tenant").filter(host=request.get_host().split(":")[0]).first()
    return domain.tenant if domain else None


def home(request):
    tenant = tenant_of(request)
    if tenant is None:
        return HttpResponseNotFound("no tenant has this domain\n")
    return HttpResponse(f"{tenant.name}\n")


def health(request):
    """Answers only where the database does."""
    return HttpResponse(f"{Tenant.objects.count()} tenants\n")


@csrf_exempt
def jobs(request):
    """POST leaves a job for the worker, GET says how many wait."""
    tenant = tenant_of(request)
    if tenant is None:
        return HttpResponseNotFound("no tenant has this domain\n")
    if request.method == "POST":
        Job.objects.create(tenant=tenant)
    return HttpResponse(f"{Job.objects.filter(tenant=tenant, done_at=None).count()} waiting\n")
