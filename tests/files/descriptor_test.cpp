#include "files/descriptor.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <utility>

namespace earmark::files {
namespace {

bool is_open(int number) {
    return ::fcntl(number, F_GETFD) != -1;
}

TEST(Descriptor, ClosesItselfOnceWhereverItWasMoved) {
    int first = -1;
    int second = -1;
    {
        Descriptor a(::open("/dev/null", O_RDONLY));
        first = a.get();
        Descriptor b(std::move(a));
        EXPECT_EQ(b.get(), first);
        EXPECT_TRUE(is_open(first));
        Descriptor c(::open("/dev/null", O_RDONLY));
        second = c.get();
        c = std::move(b);
        EXPECT_FALSE(is_open(second)) << "what it had before";
        EXPECT_TRUE(c.is_open());
    }
    EXPECT_FALSE(is_open(first));
    EXPECT_FALSE(Descriptor().is_open());
}

TEST(Descriptor, IsLeftOpenWhereItIsReleased) {
    Descriptor a(::open("/dev/null", O_RDONLY));
    const int number = a.release();
    EXPECT_FALSE(a.is_open());
    ASSERT_TRUE(is_open(number));
    Descriptor again(number);
    again.close();
    EXPECT_FALSE(is_open(number));
}

}  // namespace
}  // namespace earmark::files
