"""A client that shares nothing with Davit's own but the protos: submits a deployment and watches it to its end.

independent_client.py ADDRESS CERTIFICATES IMAGE HOST,HOST…    prints each event, then {"state": …}
"""

import json
import shutil
import sys
import uuid

import grpc

import stubs

directory = stubs.make()
from davit.v1 import deployment_pb2, deployment_service_pb2, deployment_service_pb2_grpc  # noqa: E402


def read(path):
    with open(path, "rb") as f:
        return f.read()


def credentials(certificates):
    return grpc.ssl_channel_credentials(read(f"{certificates}/ca.crt"), read(f"{certificates}/tls.key"),
                                        read(f"{certificates}/tls.crt"))


def request(image, hosts):
    create = deployment_service_pb2.CreateDeploymentRequest(request_id=str(uuid.uuid4()))
    spec = create.deployment.spec
    spec.project, spec.environment = "independent", "dev"
    spec.hosts.extend(hosts)
    app = spec.apps["web"]
    app.image = image
    app.container.ports.append("8080:80")
    app.container.name = "independent-web"
    app.container.restart = "unless-stopped"
    app.healthcheck.http.path, app.healthcheck.http.port = "/health", 80
    app.healthcheck.http.status = "200-399"
    app.healthcheck.http.scheme = "http"
    app.healthcheck.attempts, app.healthcheck.successes = 20, 1
    app.healthcheck.interval.FromMilliseconds(500)
    app.healthcheck.timeout.FromSeconds(5)
    app.strategy.type, app.strategy.batch = "recreate", 3
    app.rollback.automatic, app.retain = True, 5
    create.deployment.submitted_by = "someone@elsewhere"
    return create


def main(address, certificates, image, hosts):
    options = [("grpc.ssl_target_name_override", "controller")]
    with grpc.secure_channel(address, credentials(certificates), options) as channel:
        service = deployment_service_pb2_grpc.DeploymentServiceStub(channel)
        made = service.CreateDeployment(request(image, hosts), timeout=30).deployment
        watch = deployment_service_pb2.WatchDeploymentRequest(id=made.id)
        for message in service.WatchDeployment(watch, timeout=120):
            for event in message.events:
                print(json.dumps({"sequence": event.sequence}))
        ended = service.GetDeployment(deployment_service_pb2.GetDeploymentRequest(id=made.id), timeout=30).deployment
        print(ended.failure)
        print(json.dumps({"state": deployment_pb2.DeploymentState.Name(ended.state)}))


try:
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4].split(","))
finally:
    shutil.rmtree(directory)
