#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "files/descriptor.hpp"

namespace earmark::confine {

/// One end of a connection between two processes that send each other messages in turn, with open descriptors where
/// they are wanted. Not thread-safe.
class Channel {
  public:
    /// Descriptors of one message at the most.
    static constexpr std::size_t most_descriptors = 2;

    explicit Channel(files::Descriptor socket = files::Descriptor()) : socket_(std::move(socket)) {}

    /// Two ends. @throws Error internal when the system has no more descriptors
    static std::pair<Channel, Channel> make();

    int descriptor() const noexcept { return socket_.get(); }

    /// @return false when the other end is gone
    bool send(std::string_view message, std::span<const int> descriptors = {}) const;

    struct Received {
        std::string message;
        std::vector<files::Descriptor> descriptors;
    };

    /// Waits for a message. Descriptors are taken only when `with_descriptors`.
    /// @param wait  called before each read that may block; returns false to give up
    /// @return nothing when the other end is gone, breaks the protocol, or `wait` gave up
    std::optional<Received> receive(bool with_descriptors, const std::function<bool()>& wait = {}) const;

  private:
    files::Descriptor socket_;
};

}  // namespace earmark::confine
