#pragma once

#include <torch/torch.h>

#include "training/data/batches.hpp"

namespace earmark::training {

/// Cross-entropies of logits (rows × classes) against labels, one a row, in nats; against equal probabilities where the
/// label is no_genre.
torch::Tensor cross_entropies(const torch::Tensor& logits, const torch::Tensor& labels);

/// Binary cross-entropies of logits (rows × labels) against what holds (rows × labels, 0 to 1), mean over the labels, one
/// a row, in nats.
/// @param weights  of each label where it holds; undefined: 1
torch::Tensor binary_cross_entropies(const torch::Tensor& logits, const torch::Tensor& holds,
                                     const torch::Tensor& weights = {});

/// What training lessens, one a row: against targets of (1 - smoothing) · label + smoothing / classes (Szegedy et al.
/// 2016), and for a mixture the sum of both labels' losses by their shares (Zhang et al. 2018). Where the batch has a
/// teacher's probabilities, it is (1 - teacher_weight) · that + teacher_weight · cross-entropy against them (Hinton,
/// Vinyals & Dean 2015, at temperature 1), but for noise, whose target stays that of equal probabilities.
///
/// Where a track may have several labels, the same of binary cross-entropies: targets are (1 - smoothing) · holds +
/// smoothing / 2, and of noise no label holds.
/// @param weights  see binary_cross_entropies; not for the teacher's probabilities
torch::Tensor training_losses(const torch::Tensor& logits, const Batch& batch, double smoothing,
                              double teacher_weight = 0.0, const torch::Tensor& weights = {});

}  // namespace earmark::training
