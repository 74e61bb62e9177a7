#pragma once

#include <gtest/gtest.h>

#include <string>

#include "earmark/error.hpp"

namespace earmark::testing {

/// Code and message of the Error that `call` throws: "corrupt: x.npy: …".
template <typename Call>
std::string error_of(Call call) {
    try {
        call();
    } catch (const Error& error) {
        return std::string(to_string(error.code())) + ": " + error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return "";
}

inline ::testing::AssertionResult contains(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << '"' << text << "\" does not contain \"" << part << '"';
}

}  // namespace earmark::testing
