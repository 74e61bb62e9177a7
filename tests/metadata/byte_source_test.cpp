#include "metadata/byte_source.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "files/atomic_file.hpp"
#include "files/descriptor.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::metadata {
namespace {

TEST(ByteSource, GivesWhatThereIsAndNoMore) {
    const testing::TemporaryFolder folder;
    files::write_file(folder.path() / "a", "0123456789");
    const files::Descriptor file(::open((folder.path() / "a").c_str(), O_RDONLY));
    const DescriptorSource from_file(file.get());
    const MemorySource from_memory("0123456789");
    for (const ByteSource* source :
         {static_cast<const ByteSource*>(&from_file), static_cast<const ByteSource*>(&from_memory)}) {
        EXPECT_EQ(source->size(), 10U);
        EXPECT_EQ(source->bytes(2, 3), "234");
        EXPECT_EQ(source->bytes(8, std::uint64_t{1} << 60), "89");
        EXPECT_EQ(source->bytes(10, 5), "");
        EXPECT_EQ(source->bytes(std::uint64_t{1} << 63, 5), "");
    }
}

}  // namespace
}  // namespace earmark::metadata
