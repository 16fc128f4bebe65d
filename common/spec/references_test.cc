#include <gtest/gtest.h>

#include "common/spec/image_reference.h"
#include "common/spec/port.h"

namespace davit::spec {
namespace {

constexpr char kHex[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

TEST(ImageReference, IsTakenApartAndPutTogether) {
  const std::string digest = std::string("sha256:") + kHex;
  struct Case {
    std::string text, registry, repository, tag, digest;
  };
  for (const Case& c : std::vector<Case>{
           {"nginx", "", "nginx", "", ""},
           {"nginx:1.25-alpine", "", "nginx", "1.25-alpine", ""},
           {"library/nginx", "", "library/nginx", "", ""},
           {"docker.io/library/nginx:_x", "docker.io", "library/nginx", "_x", ""},
           {"localhost/app", "localhost", "app", "", ""},
           {"localhost:5000", "", "localhost", "5000", ""},
           {"localhost:5000/app", "localhost:5000", "app", "", ""},
           {"[::1]:5000/app:v1", "[::1]:5000", "app", "v1", ""},
           {"REG/app", "REG", "app", "", ""},
           {"ghcr.io/a/b-c/d__e.f_g:V1@" + digest, "ghcr.io", "a/b-c/d__e.f_g", "V1", digest},
           {"app@" + digest, "", "app", "", digest}}) {
    const auto reference = ParseImageReference(c.text);
    ASSERT_TRUE(reference.ok()) << c.text << ": " << reference.status();
    EXPECT_EQ(reference->registry, c.registry) << c.text;
    EXPECT_EQ(reference->repository, c.repository) << c.text;
    EXPECT_EQ(reference->tag, c.tag) << c.text;
    EXPECT_EQ(reference->digest, c.digest) << c.text;
    EXPECT_EQ(reference->ToString(), c.text);
  }
}

TEST(ImageReference, SaysWhatIsWrong) {
  const std::string separators =
      "a repository has lower-case letters and digits, separated by '.', '_', '__' or '-'";
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {"", "the repository is missing"},
           {":v1", "the repository is missing"},
           {"Nginx", "the repository must be lower case"},
           {"a/B", "the repository must be lower case"},
           {"a//b", "a part of the repository between '/' is empty"},
           {"a/", "a part of the repository between '/' is empty"},
           {"/a", "a part of the repository between '/' is empty"},
           {"a..b", separators},
           {"a___b", separators},
           {"-a", separators},
           {"a b", separators},
           {"a:", "the tag after ':' is empty"},
           {"a:-b", "a tag cannot begin with '.' or '-'"},
           {"a:b/c:d$", "a tag has letters, digits, '_', '.' and '-' only"},
           {"a:" + std::string(129, 'b'), "the tag has more than 128 characters"},
           {"a@sha256:12",
            "the digest after '@' must be sha256: and 64 lower-case hexadecimal digits"},
           {"a@md5:x", "the digest after '@' must be sha256: and 64 lower-case hexadecimal digits"},
           {"-x.io/a", "the registry before the first '/' is no host name"},
           {"x.io:port/a", "the registry before the first '/' is no host name"},
           {std::string(256, 'a'), "the name has more than 255 characters"},
           {kHex, "64 hexadecimal digits are an image's id, not a repository"}}) {
    const auto reference = ParseImageReference(text);
    EXPECT_EQ(reference.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(reference.status().message(), why) << text;
  }
}

TEST(PublishedPort, IsTakenApart) {
  struct Case {
    std::string text, ip;
    int host, container;
    std::string protocol;
  };
  for (const Case& c : std::vector<Case>{{"8000:80", "", 8000, 80, "tcp"},
                                         {"1:65535/udp", "", 1, 65535, "udp"},
                                         {"127.0.0.1:1:2/tcp", "127.0.0.1", 1, 2, "tcp"},
                                         {"[::1]:1:2", "::1", 1, 2, "tcp"}}) {
    const auto port = ParsePort(c.text);
    ASSERT_TRUE(port.ok()) << c.text << ": " << port.status();
    EXPECT_EQ(port->host_ip, c.ip);
    EXPECT_EQ(port->host_port, c.host);
    EXPECT_EQ(port->container_port, c.container);
    EXPECT_EQ(port->protocol, c.protocol);
  }
}

TEST(PublishedPort, SaysWhatIsWrong) {
  const std::string form = "a published port is HOST_PORT:CONTAINER_PORT, such as \"8080:80\"";
  const std::string host = "the host port must be a number from 1 to 65535";
  const std::string container = "the container port must be a number from 1 to 65535";
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {"", form},
           {"80", form},
           {":80", host},
           {"0:80", host},
           {"65536:80", host},
           {"80:", container},
           {"80:+1", container},
           {"80: 1", container},
           {"80:99999999999999999999", container},
           {"80:80/sctp", "the protocol after '/' must be tcp or udp"},
           {"80-81:80", "ranges of ports are not supported; list each port"},
           {"::1:80:80", "the host address must be IPv4, or IPv6 between '[' and ']'"},
           {"host:80:80", "the host address must be IPv4, or IPv6 between '[' and ']'"},
           {"[1.2.3.4]:80:80", "the host address between '[' and ']' must be IPv6"}}) {
    const auto port = ParsePort(text);
    EXPECT_EQ(port.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(port.status().message(), why) << text;
  }
}

}  // namespace
}  // namespace davit::spec
