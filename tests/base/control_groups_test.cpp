#include "base/control_groups.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "support/temporary_folder.hpp"

namespace earmark::base {
namespace {

namespace fs = std::filesystem;

/// What a kernel would show, in folders of the test's own.
class ControlGroups : public ::testing::Test {
  protected:
    void write(const fs::path& name, const std::string& text) const {
        fs::create_directories((folder_.path() / name).parent_path());
        std::ofstream(folder_.path() / name) << text;
    }
    double cores() const { return core_quota(folders()); }
    std::int64_t memory() const { return memory_quota_left(folders()); }

  private:
    KernelFolders folders() const { return {folder_.path() / "proc", folder_.path() / "cgroup"}; }

    testing::TemporaryFolder folder_;
};

TEST_F(ControlGroups, WithoutThemNothingIsLimited) {
    EXPECT_TRUE(std::isinf(cores()));
    EXPECT_EQ(memory(), unlimited_memory);
    write("proc/self/cgroup", "0::/\nnonsense\n:\n");
    write("cgroup/cpu.max", "max 100000\n");
    write("cgroup/memory.max", "max\n");
    EXPECT_TRUE(std::isinf(cores()));
    EXPECT_EQ(memory(), unlimited_memory);
}

TEST_F(ControlGroups, OfVersion2LimitWithTheirParents) {
    write("proc/self/cgroup", "0::/user/job\n");
    write("cgroup/user/job/cpu.max", "400000 100000\n");
    EXPECT_EQ(cores(), 4.0);
    write("cgroup/user/cpu.max", "150000 100000\n");
    EXPECT_EQ(cores(), 1.5) << "the parent allows less";
    write("cgroup/user/job/memory.max", "1000\n");
    write("cgroup/user/job/memory.current", "700\n");
    EXPECT_EQ(memory(), 300);
    write("cgroup/user/job/memory.stat", "anon 500\ninactive_file 100\n");
    EXPECT_EQ(memory(), 400);
    write("cgroup/user/job/memory.current", "2000\n");
    EXPECT_EQ(memory(), 0);
}

TEST_F(ControlGroups, OfVersion1AreFoundByTheirController) {
    write("proc/self/cgroup", "5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n");
    write("cgroup/cpu/docker/x/cpu.cfs_quota_us", "50000\n");
    write("cgroup/cpu/docker/x/cpu.cfs_period_us", "100000\n");
    EXPECT_EQ(cores(), 0.5);
    write("cgroup/cpu/docker/x/cpu.cfs_quota_us", "-1\n");
    EXPECT_TRUE(std::isinf(cores()));
    write("cgroup/memory/docker/x/memory.limit_in_bytes", "5000\n");
    write("cgroup/memory/docker/x/memory.usage_in_bytes", "1000\n");
    EXPECT_EQ(memory(), 4000);
}

TEST_F(ControlGroups, WithinAContainerTheMountCounts) {
    write("proc/self/cgroup", "0::/name/outside\n");
    write("cgroup/cpu.max", "200000 100000\n");
    EXPECT_EQ(cores(), 2.0);
}

}  // namespace
}  // namespace earmark::base
