#pragma once

#include <torch/torch.h>

#include "training/data/batches.hpp"

namespace earmark::training {

/// Cross-entropies of logits (rows × classes) against labels, one a row, in nats; against equal probabilities where the
/// label is no_genre.
torch::Tensor cross_entropies(const torch::Tensor& logits, const torch::Tensor& labels);

/// What training lessens, one a row: against targets of (1 - smoothing) · label + smoothing / classes (Szegedy et al.
/// 2016), and for a mixture the sum of both labels' losses by their shares (Zhang et al. 2018). Where the batch has a
/// teacher's probabilities, it is (1 - teacher_weight) · that + teacher_weight · cross-entropy against them (Hinton,
/// Vinyals & Dean 2015, at temperature 1), but for noise, whose target stays that of equal probabilities.
torch::Tensor training_losses(const torch::Tensor& logits, const Batch& batch, double smoothing,
                              double teacher_weight = 0.0);

}  // namespace earmark::training
