#include "worker/docker/engine_error_rules.h"

namespace davit::docker {
namespace {

constexpr unsigned kRegistry = static_cast<unsigned>(Operation::kRegistry);
constexpr unsigned kImage = static_cast<unsigned>(Operation::kImage);
constexpr unsigned kCreate = static_cast<unsigned>(Operation::kCreate);
constexpr unsigned kStart = static_cast<unsigned>(Operation::kStart);
constexpr unsigned kContainer = static_cast<unsigned>(Operation::kContainer);
constexpr unsigned kRun = kCreate | kStart | kContainer;

constexpr absl::string_view kDenied = "The registry $2 refused to give $0";
constexpr absl::string_view kUnreachable = "The registry $2 cannot be reached for $0";
constexpr absl::string_view kNoImage = "The image $0 does not exist";
constexpr absl::string_view kNoCommand = "The command $1 of $0 cannot be run";
constexpr absl::string_view kPortTaken = "The host port $1 is taken; $0 cannot use it";
constexpr absl::string_view kRefused = "Docker refused the settings of $0";

// Each pattern was taken from an engine 20.10 or from its source; see the test.
constexpr ErrorRule kRules[] = {
    {kAnyOperation, 0, "no space left on device", v1::DISK_FULL,
     "There is no space left on the host for $0"},

    // A registry. Its own words come before those of the network, which may be
    // part of them.
    {kRegistry, 0, "server gave http response to https client", v1::REGISTRY_UNREACHABLE,
     kUnreachable, "the registry speaks plain HTTP, and Docker insists on HTTPS",
     "give $2 a certificate, or list it under `insecure-registries` in /etc/docker/daemon.json"},
    {kRegistry, 0, "x509:", v1::REGISTRY_UNREACHABLE, kUnreachable,
     "the host does not trust the registry's certificate",
     "put its authority's certificate at /etc/docker/certs.d/$2/ca.crt"},
    {kRegistry, 0, "no basic auth credentials", v1::REGISTRY_DENIED, kDenied,
     "there is no login for this registry", "run `docker login $2`"},
    {kRegistry, 0, "toomanyrequests", v1::REGISTRY_DENIED, kDenied,
     "the registry's rate limit is used up", "wait, or run `docker login $2`"},
    // Docker Hub says the same for a repository that does not exist and for a
    // private one; the first is by far the more frequent.
    {kRegistry, 0, "pull access denied", v1::IMAGE_NOT_FOUND, kNoImage,
     "a misspelt repository, or a private one that needs `docker login`",
     "check the reference with `docker pull $0`", ErrorDetail::kNone, "", "", "docker.io"},
    {kRegistry, 0, "pull access denied", v1::REGISTRY_DENIED, kDenied,
     "no right to this repository, or the repository does not exist", "run `docker login $2`"},
    {kRegistry, 0, "denied", v1::REGISTRY_DENIED, kDenied, "", "run `docker login $2`"},
    {kRegistry, 0, "unauthorized", v1::REGISTRY_DENIED, kDenied,
     "the credentials are wrong or have expired", "run `docker login $2`"},
    {kRegistry, 0, "authentication required", v1::REGISTRY_DENIED, kDenied, "",
     "run `docker login $2`"},
    {kRegistry, 0, "incorrect username or password", v1::REGISTRY_DENIED, kDenied,
     "the credentials are wrong or have expired", "run `docker login $2`"},
    {kRegistry, 0, "403 forbidden", v1::REGISTRY_DENIED, kDenied, "", "run `docker login $2`"},
    {kRegistry, 0, "no matching manifest for", v1::IMAGE_WRONG_PLATFORM,
     "The image $0 has no variant for this host"},
    {kRegistry, 0, "manifest unknown", v1::IMAGE_NOT_FOUND, kNoImage},
    {kRegistry, 0, "name unknown", v1::IMAGE_NOT_FOUND, kNoImage},
    {kRegistry, 0, "repository does not exist", v1::IMAGE_NOT_FOUND, kNoImage},
    {kRegistry, 0, "no such host", v1::REGISTRY_UNREACHABLE, kUnreachable,
     "the name $1 does not resolve on the host", "check the name: `getent hosts $1`",
     ErrorDetail::kHost, "name: $1"},
    {kRegistry, 0, "connection refused", v1::REGISTRY_UNREACHABLE, kUnreachable,
     "nothing listens on the registry's port: it is down, or the port is wrong"},
    {kRegistry, 0, "tls handshake timeout", v1::REGISTRY_UNREACHABLE, kUnreachable,
     "something accepts connections there but does not speak TLS in time"},
    {kRegistry, 0, "client.timeout exceeded", v1::REGISTRY_UNREACHABLE, kUnreachable,
     "something accepts connections there but does not answer"},
    {kRegistry, 0, "i/o timeout", v1::REGISTRY_UNREACHABLE, kUnreachable,
     "a firewall drops the connection, or the network is cut"},
    {kRegistry, 0, "dial tcp", v1::REGISTRY_UNREACHABLE, kUnreachable},
    {kRegistry, 0, "connection reset", v1::REGISTRY_UNREACHABLE, kUnreachable},
    {kRegistry, 0, "unexpected eof", v1::REGISTRY_UNREACHABLE, kUnreachable},
    {kRegistry, 0, ": eof", v1::REGISTRY_UNREACHABLE, kUnreachable,
     "something accepts connections there but closes them without an answer"},
    {kRegistry, 0, "context deadline exceeded", v1::REGISTRY_UNREACHABLE, kUnreachable},
    {kRegistry, 0, "bad gateway", v1::REGISTRY_UNREACHABLE, kUnreachable},
    {kRegistry, 0, "service unavailable", v1::REGISTRY_UNREACHABLE, kUnreachable},
    {kRegistry, 0, "gateway timeout", v1::REGISTRY_UNREACHABLE, kUnreachable},
    {kRegistry, 0, "invalid reference format", v1::IMAGE_NOT_FOUND, "$0 is not an image reference",
     "a misspelt reference"},
    {kRegistry, 0, "not found", v1::IMAGE_NOT_FOUND, kNoImage},

    // An image on the host.
    {kImage | kCreate, 0, "no such image", v1::IMAGE_NOT_FOUND, "The host does not have image $0",
     "it was not pulled, or it was removed", "deploy again"},
    {kImage | kCreate | kStart, 0, "does not match the specified platform",
     v1::IMAGE_WRONG_PLATFORM, "The image of $0 is for another platform"},

    // A container.
    {kAnyOperation, 0, "is already in use by container", v1::NAME_IN_USE,
     "The container name $1 is taken", "", "", ErrorDetail::kName, "held by container $3"},
    {kAnyOperation, 0, "no such container", v1::CONTAINER_GONE, "The container $0 is gone"},
    {kAnyOperation, 0, "is marked for removal", v1::CONTAINER_GONE,
     "The container $0 is being removed"},
    {kRun, 0, "port is already allocated", v1::PORT_IN_USE, kPortTaken,
     "another container publishes it", "find it with `docker ps --filter publish=$1`",
     ErrorDetail::kPort, "port $1"},
    {kRun, 0, "address already in use", v1::PORT_IN_USE, kPortTaken,
     "another program of the host listens on it", "find it with `ss -ltnup 'sport = :$1'`",
     ErrorDetail::kPort, "port $1"},
    {kRun, 0, "cannot assign requested address", v1::CONTAINER_REFUSED,
     "The host does not have the address that $0 publishes a port on",
     "an address under `ports` that belongs to another host", "correct `ports`"},
    {kRun, 0, "exec format error", v1::IMAGE_WRONG_PLATFORM,
     "The image of $0 is for another platform",
     "it was built for another processor, or a script lacks its #! line"},
    {kCreate, 0, "no command specified", v1::COMMAND_NOT_FOUND,
     "The image of $0 names no command to run", "the image has neither CMD nor ENTRYPOINT",
     "set `command`"},
    // What lies on the host, preflight looks at before.
    {kStart, 0, "to rootfs at", v1::VOLUME_UNUSABLE,
     "$0 cannot mount anything at $1: one of them is a directory, and the other is a file",
     "the image has a directory there, and a file is mounted, or the other way round",
     "correct the `target`: that of a file is its whole path, with its name", ErrorDetail::kTarget,
     "in the container: $1", "not a directory"},
    {kStart, 0, "error mounting", v1::VOLUME_UNUSABLE, "A volume of $0 cannot be mounted"},
    {kStart, 0, "executable file not found", v1::COMMAND_NOT_FOUND, kNoCommand,
     "a misspelt `command` or `entrypoint`", "", ErrorDetail::kCommand, ""},
    {kStart, 0, "no such file or directory", v1::COMMAND_NOT_FOUND, kNoCommand,
     "a misspelt `command` or `entrypoint`, or a script whose #! names what the image lacks", "",
     ErrorDetail::kCommand, "", "exec: \""},
    {kStart, 0, "permission denied", v1::COMMAND_NOT_FOUND, kNoCommand,
     "the file lacks the execute bit, or is a directory", "", ErrorDetail::kCommand, "",
     "exec: \""},
    {kStart, 0, "is a directory", v1::COMMAND_NOT_FOUND, kNoCommand, "it is a directory", "",
     ErrorDetail::kCommand, "", "exec: \""},
    {kStart | kContainer | kCreate, 404, " not found", v1::CONTAINER_REFUSED,
     "The network $1 that $0 joins does not exist", "it was removed, or its name is misspelt",
     "list them with `docker network ls`", ErrorDetail::kNetwork, "network $1", "network "},
    {kStart, 0, "unable to find user", v1::CONTAINER_REFUSED,
     "The image of $0 does not have the user it shall run as", "a misspelt `user`",
     "correct `user`, or give a number"},
    {kStart, 0, "unable to find group", v1::CONTAINER_REFUSED,
     "The image of $0 does not have the group it shall run as", "a misspelt `user`",
     "correct `user`, or give a number"},
    {kRun, 0, "bind source path does not exist", v1::VOLUME_UNUSABLE,
     "A directory that $0 mounts does not exist on the host"},
    {kStart, 0, "oci runtime create failed", v1::CONTAINER_REFUSED, kRefused},
    {kRun, 400, "", v1::CONTAINER_REFUSED, kRefused},
};

}  // namespace

absl::Span<const ErrorRule> ErrorRules() { return kRules; }

}  // namespace davit::docker
