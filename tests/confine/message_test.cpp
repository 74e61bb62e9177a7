#include "confine/message.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <limits>

#include "confine/channel.hpp"
#include "earmark/error.hpp"

namespace earmark::confine {
namespace {

TEST(Message, IsReadAsItWasWritten) {
    MessageWriter written;
    written.integer(-7).real(2.5).text("a text").text("");
    MessageReader message{std::string(written.bytes())};
    EXPECT_EQ(message.integer(), -7);
    EXPECT_EQ(message.real(0.0, 3.0), 2.5);
    EXPECT_EQ(message.text(), "a text");
    EXPECT_EQ(message.text(), "");
    EXPECT_NO_THROW(message.end());
}

TEST(Message, RefusesWhatIsNotThere) {
    MessageWriter written;
    written.integer(std::numeric_limits<std::int64_t>::max());  // of a text, the length
    EXPECT_THROW(MessageReader{std::string(written.bytes())}.text(), Error);
    written = {};
    written.integer(100);
    EXPECT_THROW(MessageReader{std::string(written.bytes())}.text(), Error);
    EXPECT_THROW(MessageReader("short").integer(), Error);
    EXPECT_THROW(MessageReader{std::string(written.bytes())}.end(), Error);
}

TEST(Message, RefusesWhatIsOutOfRange) {
    MessageWriter written;
    written.integer(5);
    EXPECT_THROW(MessageReader{std::string(written.bytes())}.integer(0, 4), Error);
    written = {};
    written.real(std::numeric_limits<double>::quiet_NaN());
    EXPECT_THROW(MessageReader{std::string(written.bytes())}.real(0.0, 1.0), Error);
    written = {};
    written.text("four");
    EXPECT_THROW(MessageReader{std::string(written.bytes())}.text(3), Error);
}

TEST(Channel, CarriesLongMessagesAndTellsTheEnd) {
    auto [one, other] = Channel::make();
    const std::string text(50'000, 'x');
    ASSERT_TRUE(one.send(text));
    EXPECT_EQ(other.receive(false)->message, text);
    ASSERT_TRUE(other.send(""));
    EXPECT_EQ(one.receive(false)->message, "");
    one = Channel();
    EXPECT_FALSE(other.receive(false).has_value());
    EXPECT_FALSE(other.send("text"));
}

TEST(Channel, TakesDescriptorsOnlyWhereTheyAreWanted) {
    auto [one, other] = Channel::make();
    const int descriptor = one.descriptor();
    ASSERT_TRUE(one.send("take", {&descriptor, 1}));
    EXPECT_EQ(other.receive(true)->descriptors.size(), 1U);
    ASSERT_TRUE(one.send("leave", {&descriptor, 1}));
    const auto left = other.receive(false);
    ASSERT_TRUE(left.has_value());
    EXPECT_EQ(left->message, "leave");
    EXPECT_TRUE(left->descriptors.empty());
}

TEST(Channel, GivesUpOnMessagesThatAreTooLong) {
    auto [one, other] = Channel::make();
    const std::uint32_t length = 0xFFFFFFFF;
    ASSERT_EQ(::write(one.descriptor(), &length, sizeof length), ssize_t{sizeof length});
    EXPECT_FALSE(other.receive(false).has_value());
}

}  // namespace
}  // namespace earmark::confine
