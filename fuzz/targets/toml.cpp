#include "formats/toml_file.hpp"
#include "scratch_file.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

void run_toml(Bytes bytes) {
    const ScratchFile file("fuzzed.toml", bytes);
    const formats::TomlValue value = formats::read_toml(file.path());
    require(value.keys.size() == value.items.size(), "a table has other keys than values");
    (void)value.json("fuzzed.toml");
}

const Registration toml_target("toml", run_toml);

}  // namespace

}  // namespace earmark::fuzz
