#pragma once

#include <any>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace earmark::inference {

/// Weights of one network in the layouts that its layers want. They do not depend on the size of a batch, so that all
/// plans of the network can share them.
class PreparedWeights {
  public:
    /// The weights of that name, made by `make` when they are asked for first. A name always stands for the same type.
    template <typename Weights, typename Make>
    std::shared_ptr<Weights> get(const std::string& name, const Make& make) {
        std::any& known = known_[name];
        if (!known.has_value()) known = std::shared_ptr<Weights>(make());
        return std::any_cast<std::shared_ptr<Weights>>(known);
    }

  private:
    std::map<std::string, std::any> known_;
};

}  // namespace earmark::inference
