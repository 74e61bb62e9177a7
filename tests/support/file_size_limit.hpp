#pragma once

#include <sys/resource.h>

#include <csignal>

namespace earmark::testing {

/// While it lives no file of this process can grow beyond `bytes`: what a full disk looks like to those who write.
class FileSizeLimit {
  public:
    explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const testing::FileSizeLimit&) = delete;
    testing::FileSizeLimit& operator=(const testing::FileSizeLimit&) = delete;

  private:
    rlimit before_{};
    void (*handler_)(int);
};

}  // namespace earmark::testing
