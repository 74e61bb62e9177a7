#include "library/reading/test_decoder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "earmark/error.hpp"

namespace earmark::library {

namespace {

constexpr const char* beginning = "earmark test decoder: ";

/// Ends with an error that says what became of something that a decoder must not do.
void tell(const audio::Input& input, const std::string& what, long result) {
    const std::string outcome = result < 0 ? fmt::format("refused ({})", std::strerror(errno)) : "ALLOWED";
    throw Error(ErrorCode::bad_data, fmt::format("{}: {} was {}", input.name(), what, outcome));
}

void take_all_memory() {
    std::vector<std::vector<char>> pieces;
    for (;;) pieces.emplace_back(std::size_t{16} << 20);
}

void loop() {
    std::atomic<int> rounds = 0;
    while (rounds >= 0) rounds = 1;
}

}  // namespace

void misbehave(audio::Input& input) {
    std::array<char, 200> bytes{};
    const std::ptrdiff_t got = input.read(0, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    std::string text(bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    if (!text.starts_with(beginning)) return;
    text = text.substr(std::strlen(beginning));
    const std::string word = text.substr(0, text.find_first_of(" \n"));
    // A path may follow.
    const std::size_t space = text.find(' ');
    const std::string path = space == std::string::npos ? "" : text.substr(space + 1, text.find('\n') - space - 1);
    const std::map<std::string, std::function<void()>> deeds{
        {"crash", [] { std::raise(SIGSEGV); }},
        {"abort", [] { std::abort(); }},
        {"exit", [] { ::_exit(7); }},
        {"loop", &loop},
        {"memory", &take_all_memory},
        {"open", [&] { tell(input, "open", ::open("/etc/passwd", O_RDONLY)); }},
        {"write", [&] { tell(input, "write", ::open(path.c_str(), O_WRONLY | O_CREAT, 0666)); }},
        {"remove", [&] { tell(input, "remove", ::unlink(path.c_str())); }},
        {"socket", [&] { tell(input, "socket", ::socket(AF_INET, SOCK_STREAM, 0)); }},
        {"fork", [&] { tell(input, "fork", ::fork()); }},
        {"kill", [&] { tell(input, "kill", ::kill(::getppid(), SIGKILL)); }},
        {"overwrite", [&] { tell(input, "overwrite", ::pwrite(5, "x", 1, 0)); }},
    };
    const auto deed = deeds.find(word);
    if (deed != deeds.end()) deed->second();
}

}  // namespace earmark::library
