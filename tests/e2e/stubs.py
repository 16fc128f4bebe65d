"""Messages of a folder of protos for Python, made by protoc when they are asked for: no generated code in the tree."""

import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def make(protos=os.path.join(ROOT, "proto")):
    """Puts the stubs of all protos below the folder onto Python's path."""
    out = tempfile.mkdtemp(prefix="davit-stubs-")
    files = sorted(os.path.relpath(os.path.join(directory, name), protos)
                   for directory, _, names in os.walk(protos) for name in names if name.endswith(".proto"))
    plugin = shutil.which("grpc_python_plugin")
    subprocess.run(["protoc", f"-I{protos}", f"--python_out={out}", f"--grpc_python_out={out}",
                    f"--plugin=protoc-gen-grpc_python={plugin}", *files], check=True)
    sys.path.insert(0, out)
    return out
