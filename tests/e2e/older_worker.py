"""A worker that speaks a protocol of before: made of the released description of the messages alone.

older_worker.py ADDRESS CERTIFICATES    serves GetHost and RunStep as version 0.1.0 knew them
"""

import os
import sys
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RELEASED = os.path.join(ROOT, "proto/released/0.1.0.binpb")
SERVICE = "davit.worker.v1.WorkerService"


def read(path):
    with open(path, "rb") as f:
        return f.read()


def released_messages():
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(read(RELEASED)).file:
        pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return lambda name: factory.GetPrototype(pool.FindMessageTypeByName(f"davit.worker.v1.{name}"))


def handlers(message):
    def get_host(_request, _context):
        return message("GetHostResponse")(journal_id="older", version="0.1.0", docker_version="20.10")

    def run_step(_request, context):
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "this worker knows no such step")
        yield

    return grpc.method_handlers_generic_handler(SERVICE, {
        "GetHost": grpc.unary_unary_rpc_method_handler(
            get_host, message("GetHostRequest").FromString, message("GetHostResponse").SerializeToString),
        "RunStep": grpc.unary_stream_rpc_method_handler(
            run_step, message("RunStepRequest").FromString, message("RunStepResponse").SerializeToString),
    })


def main(address, certificates):
    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers([handlers(released_messages())])
    credentials = grpc.ssl_server_credentials(
        [(read(f"{certificates}/tls.key"), read(f"{certificates}/tls.crt"))], read(f"{certificates}/ca.crt"), True)
    if server.add_secure_port(address, credentials) == 0:
        raise SystemExit(f"cannot listen at {address}")
    server.start()
    server.wait_for_termination()


main(sys.argv[1], sys.argv[2])
