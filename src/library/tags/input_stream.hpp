#pragma once

#include <tiostream.h>

#include <string>

#include "audio/input/input.hpp"

namespace earmark::library {

/// Gives TagLib the bytes of an input to read. Nothing can be written.
class InputStream : public TagLib::IOStream {
  public:
    /// @param input  must outlive it
    explicit InputStream(audio::Input& input) : input_(input) {}

    TagLib::FileName name() const override { return input_.name().c_str(); }
    TagLib::ByteVector readBlock(unsigned long length) override;
    void writeBlock(const TagLib::ByteVector&) override {}
    void insert(const TagLib::ByteVector&, unsigned long, unsigned long) override {}
    void removeBlock(unsigned long, unsigned long) override {}
    bool readOnly() const override { return true; }
    bool isOpen() const override { return true; }
    void seek(long offset, Position from) override;
    long tell() const override { return position_; }
    long length() override { return static_cast<long>(input_.size()); }
    void truncate(long) override {}

  private:
    audio::Input& input_;
    long position_ = 0;
};

}  // namespace earmark::library
