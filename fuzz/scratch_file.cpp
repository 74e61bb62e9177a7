#include "scratch_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>
#include <system_error>

#include "files/atomic_file.hpp"
#include "files/descriptor.hpp"

namespace earmark::fuzz {

namespace fs = std::filesystem;

namespace {

class Folder {
  public:
    Folder() : path_((fs::temp_directory_path() / "earmark-fuzz-XXXXXX").string()) {
        if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder: " + path_);
    }
    ~Folder() {
        std::error_code error;
        fs::remove_all(path_, error);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace

fs::path scratch_path(const char* name) {
    static const Folder folder;
    return folder.path() + '/' + name;
}

ScratchFile::ScratchFile(const char* name, Bytes bytes) : path_(scratch_path(name)) {
    const files::Descriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    while (file.is_open() && !bytes.empty()) {
        const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
        if (written <= 0) break;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    if (!file.is_open() || !bytes.empty()) throw std::runtime_error("cannot write " + path_.string());
}

ScratchFile::~ScratchFile() {
    ::unlink(path_.c_str());
}

std::string ScratchFile::contents() const {
    return files::read_file(path_);
}

}  // namespace earmark::fuzz
