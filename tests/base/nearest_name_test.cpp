#include "base/nearest_name.hpp"

#include <gtest/gtest.h>

namespace earmark::base {
namespace {

TEST(NearestName, CountsWhatMustBeChanged) {
    EXPECT_EQ(edit_distance("jobs", "jobs"), 0U);
    EXPECT_EQ(edit_distance("jbs", "jobs"), 1U);
    EXPECT_EQ(edit_distance("jobss", "jobs"), 1U);
    EXPECT_EQ(edit_distance("jobz", "jobs"), 1U);
    EXPECT_EQ(edit_distance("josb", "jobs"), 1U) << "neighbours swapped";
    EXPECT_EQ(edit_distance("", "jobs"), 4U);
    EXPECT_EQ(edit_distance("jobs", ""), 4U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(NearestName, FindsWhatWasMeant) {
    const std::vector<std::string> names{"jobs", "exclude", "mark-gone", "format"};
    EXPECT_EQ(nearest_name("josb", names), "jobs");
    EXPECT_EQ(nearest_name("excludes", names), "exclude");
    EXPECT_EQ(nearest_name("mark_gone", names), "mark-gone");
    EXPECT_EQ(nearest_name("temperature", names), "");
    EXPECT_EQ(nearest_name("", names), "");
    EXPECT_EQ(nearest_name("xy", {"ab"}), "") << "two of two characters are no slip";
    EXPECT_EQ(suggestion("fromat", names), " Did you mean format?");
    EXPECT_EQ(suggestion("genre", names), "");
}

}  // namespace
}  // namespace earmark::base
