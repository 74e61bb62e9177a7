#include "model/architectures/image_network.hpp"

namespace earmark::model {

void ImageOptions::read(OptionReader& options) {
    options.widths("filters", filters);
    options.pools("pools", pools, filters.size());
    options.rate("dropout", dropout);
    options.rate("block_dropout", block_dropout);
    options.flag("halve_bands", halve_bands);
    options.choice("centre", centre);
}

void ImageOptions::add_image(LayerBuilder& layers) const {
    if (centre != Centre::none) layers.centre(centre == Centre::segment);
    layers.image();
    if (halve_bands) layers.pool(LayerKind::average_pool, "halve_bands", 1, 2);
}

void HeadOptions::read(OptionReader& options) {
    options.choice("pooling", pooling);
    options.width("dense", dense, 0);
}

void HeadOptions::add(LayerBuilder& layers) const {
    switch (pooling) {
        case Pooling::average:
            layers.average();
            break;
        case Pooling::bands:
            layers.average_frames();
            break;
        case Pooling::statistics:
            layers.average_coefficients();
            layers.statistics();
            break;
        case Pooling::attention:
            layers.average_coefficients();
            layers.attention("attention");
            break;
    }
    if (dense > 0) layers.dense("dense1", dense, true);
}

}  // namespace earmark::model
