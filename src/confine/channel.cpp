#include "confine/channel.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/throw.hpp"
#include "confine/message.hpp"

namespace earmark::confine {

namespace {

constexpr std::size_t control_size = CMSG_SPACE(Channel::most_descriptors * sizeof(int));

using Length = std::uint32_t;

/// Takes the descriptors out of what was received.
void take_descriptors(msghdr& header, std::vector<files::Descriptor>& taken) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof number);
            taken.emplace_back(number);
        }
    }
}

}  // namespace

std::pair<Channel, Channel> Channel::make() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        base::fail(ErrorCode::internal, "a connection between two processes cannot be made: {}. Close other programs.",
                   std::strerror(errno));
    }
    return {Channel(files::Descriptor(ends[0])), Channel(files::Descriptor(ends[1]))};
}

bool Channel::send(std::string_view message, std::span<const int> descriptors) const {
    const auto length = static_cast<Length>(message.size());
    std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
    bytes += message;
    alignas(cmsghdr) std::array<char, control_size> control{};
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        iovec part{bytes.data() + sent, bytes.size() - sent};
        msghdr header{};
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        if (sent == 0 && !descriptors.empty()) {
            header.msg_control = control.data();
            header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
            cmsghdr* const rights = CMSG_FIRSTHDR(&header);
            rights->cmsg_level = SOL_SOCKET;
            rights->cmsg_type = SCM_RIGHTS;
            rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
            std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
        }
        const ssize_t count = ::sendmsg(descriptor(), &header, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        sent += static_cast<std::size_t>(count);
    }
    return true;
}

std::optional<Channel::Received> Channel::receive(bool with_descriptors, const std::function<bool()>& wait) const {
    Received received;
    std::string& bytes = received.message;
    bytes.resize(4096);
    std::size_t got = 0;
    std::size_t size = 0;  // of the whole, once it is known
    alignas(cmsghdr) std::array<char, control_size> control{};
    while (size == 0 || got < size) {
        if (wait && !wait()) return std::nullopt;
        iovec part{bytes.data() + got, bytes.size() - got};
        msghdr header{};
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        if (with_descriptors) {  // without room for them, the system closes those that come
            header.msg_control = control.data();
            header.msg_controllen = control.size();
        }
        const ssize_t count = ::recvmsg(descriptor(), &header, MSG_CMSG_CLOEXEC);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::nullopt;
        if (with_descriptors) take_descriptors(header, received.descriptors);
        got += static_cast<std::size_t>(count);
        if (size == 0 && got >= sizeof(Length)) {
            Length length = 0;
            std::memcpy(&length, bytes.data(), sizeof length);
            if (length > longest_message) return std::nullopt;
            size = sizeof length + length;
            bytes.resize(std::max(size, got));
        }
    }
    if (got != size) return std::nullopt;  // messages come in turn
    bytes.resize(size);
    bytes.erase(0, sizeof(Length));
    return received;
}

}  // namespace earmark::confine
