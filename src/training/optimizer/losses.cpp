#include "training/optimizer/losses.hpp"

#include "training/data/training_data.hpp"

namespace earmark::training {

namespace {

/// The same of logarithms of probabilities.
torch::Tensor of_logarithms(const torch::Tensor& logarithms, const torch::Tensor& labels) {
    const torch::Tensor known = labels.ge(0);
    const torch::Tensor of_label = -logarithms.gather(1, labels.clamp_min(0).unsqueeze(1)).squeeze(1);
    return torch::where(known, of_label, -logarithms.mean(1));
}

/// What training lessens where a track may have several labels.
torch::Tensor many_label_losses(const torch::Tensor& logits, const Batch& batch, double smoothing,
                                double teacher_weight, const torch::Tensor& weights) {
    const torch::Tensor targets = smoothing > 0.0 ? batch.holds * (1.0 - smoothing) + 0.5 * smoothing : batch.holds;
    const torch::Tensor result = binary_cross_entropies(logits, targets, weights);
    if (!batch.teacher.defined()) return result;
    const torch::Tensor taught =
        (1.0 - teacher_weight) * result + teacher_weight * binary_cross_entropies(logits, batch.teacher);
    return torch::where(batch.labels.ge(0), taught, result);
}

}  // namespace

torch::Tensor binary_cross_entropies(const torch::Tensor& logits, const torch::Tensor& holds,
                                     const torch::Tensor& weights) {
    // -ln σ(x) = softplus(-x), -ln(1 - σ(x)) = softplus(x): finite however large a logit is.
    const torch::Tensor of_held = holds * torch::softplus(-logits);
    const torch::Tensor weighted = weights.defined() ? weights * of_held : of_held;
    return (weighted + (1.0 - holds) * torch::softplus(logits)).mean(1);
}

torch::Tensor cross_entropies(const torch::Tensor& logits, const torch::Tensor& labels) {
    return of_logarithms(torch::log_softmax(logits, 1), labels);
}

torch::Tensor training_losses(const torch::Tensor& logits, const Batch& batch, double smoothing, double teacher_weight,
                              const torch::Tensor& weights) {
    if (batch.holds.defined()) return many_label_losses(logits, batch, smoothing, teacher_weight, weights);
    const torch::Tensor logarithms = torch::log_softmax(logits, 1);
    torch::Tensor result = of_logarithms(logarithms, batch.labels);
    if (batch.partners.defined()) {
        result = batch.shares * result + (1.0 - batch.shares) * of_logarithms(logarithms, batch.partners);
    }
    if (smoothing > 0.0) result = (1.0 - smoothing) * result - smoothing * logarithms.mean(1);
    if (!batch.teacher.defined()) return result;
    const torch::Tensor of_teacher = -(batch.teacher * logarithms).sum(1);
    const torch::Tensor taught = (1.0 - teacher_weight) * result + teacher_weight * of_teacher;
    return torch::where(batch.labels.ge(0), taught, result);
}

}  // namespace earmark::training
