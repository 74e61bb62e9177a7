#include "plot/charts/figure.hpp"

#include <cairo-svg.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <new>
#include <numbers>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/throw.hpp"
#include "files/atomic_file.hpp"
#include "plot/charts/svg_markup.hpp"

namespace earmark::plot {

namespace {

/// DejaVu Sans: digits and capitals are 0.73 of the size high, descenders reach 0.24 under the baseline.
constexpr double capital_height = 0.73;

bool is_svg(const std::filesystem::path& path) {
    std::string extension = path.extension().string();
    std::ranges::transform(extension, extension.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (extension == ".svg") return true;
    if (extension == ".png") return false;
    base::fail(ErrorCode::bad_option, "{}: a picture is written as .svg or .png. Name the output accordingly.",
               path.string());
}

cairo_status_t append(void* closure, const unsigned char* data, unsigned int size) noexcept {
    try {
        static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), size);
        return CAIRO_STATUS_SUCCESS;
    } catch (const std::bad_alloc&) {
        return CAIRO_STATUS_NO_MEMORY;
    }
}

void check(cairo_status_t status, const FigureTarget& target) {
    if (status == CAIRO_STATUS_SUCCESS) return;
    if (status == CAIRO_STATUS_NO_MEMORY) throw std::bad_alloc();
    base::fail(ErrorCode::internal, "{}: the picture could not be drawn: {}.", target.name(),
               cairo_status_to_string(status));
}

/// Cairo numbers images and surfaces over the whole process; numbered from 1 in each file, equal pictures are equal
/// bytes.
std::string with_own_numbers(const std::string& svg) {
    std::string result;
    result.reserve(svg.size());
    std::map<std::string, std::size_t, std::less<>> numbers;
    std::size_t at = 0;
    while (at < svg.size()) {
        const std::size_t mark = svg.find_first_of("\"#", at);
        if (mark == std::string::npos) break;
        result.append(svg, at, mark + 1 - at);
        at = mark + 1;
        for (const std::string_view stem : {"image", "surface"}) {
            if (svg.compare(at, stem.size(), stem) != 0) continue;
            const std::size_t end = svg.find_first_not_of("0123456789", at + stem.size());
            if (end == std::string::npos || end == at + stem.size()) continue;
            const auto number = numbers.try_emplace(svg.substr(at, end - at), numbers.size() + 1).first->second;
            result += fmt::format("{}{}", stem, number);
            at = end;
            break;
        }
    }
    result.append(svg, at);
    return result;
}

/// The picture as the bytes of a PNG file.
std::string png_of(cairo_surface_t* image, const FigureTarget& target) {
    std::string bytes;
    check(cairo_surface_write_to_png_stream(image, &append, &bytes), target);
    return bytes;
}

}  // namespace

Figure::Figure(FigureTarget target, double width, double height, std::string_view description)
    : target_(std::move(target)),
      width_(width),
      height_(height),
      description_(base::printable(description)),
      svg_(target_.markup() == nullptr && is_svg(target_.path())),
      output_(std::make_unique<std::string>()) {
    if (!(width >= 100.0 && width <= 10000.0 && height >= 100.0 && height <= 10000.0)) {
        base::fail(ErrorCode::bad_option, "{}: a picture of {} by {} points. Choose 100 to 10000 each way.",
                   target_.name(), width, height);
    }
    if (target_.markup() != nullptr) {
        markup_ = std::make_unique<SvgMarkup>(width, height, description_);
        surface_.reset(cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1));
    } else if (svg_) {
        surface_.reset(cairo_svg_surface_create_for_stream(&append, output_.get(), width, height));
    } else {
        surface_.reset(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(std::ceil(width / pixel)),
                                                  static_cast<int>(std::ceil(height / pixel))));
    }
    check(cairo_surface_status(surface_.get()), target_);
    context_.reset(cairo_create(surface_.get()));
    if (!svg_ && !markup_) cairo_scale(context_.get(), 1.0 / pixel, 1.0 / pixel);
    // Unhinted text has the same widths in both formats and on all machines.
    cairo_font_options_t* options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(context_.get(), options);
    cairo_font_options_destroy(options);
    cairo_set_line_join(context_.get(), CAIRO_LINE_JOIN_ROUND);
    set_colour(white);
    cairo_paint(context_.get());
    check(cairo_status(context_.get()), target_);
}

Figure::~Figure() = default;

void Figure::set_colour(Colour colour, double opacity) {
    cairo_set_source_rgba(context_.get(), colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0, opacity);
}

void Figure::fill(const Rect& area, Colour colour) {
    if (markup_) return markup_->fill(area, colour);
    set_colour(colour);
    cairo_rectangle(context_.get(), area.x, area.y, area.width, area.height);
    cairo_fill(context_.get());
}

void Figure::outline(const Rect& area, Colour colour, double line_width) {
    if (markup_) return markup_->outline(area, colour, line_width);
    set_colour(colour);
    cairo_set_line_width(context_.get(), line_width);
    cairo_rectangle(context_.get(), area.x, area.y, area.width, area.height);
    cairo_stroke(context_.get());
}

void Figure::line(Point from, Point to, Colour colour, double line_width) {
    polyline(std::array{from, to}, colour, line_width);
}

void Figure::trace(std::span<const Point> points) {
    for (const Point& point : points) cairo_line_to(context_.get(), point.x, point.y);
}

void Figure::polyline(std::span<const Point> points, Colour colour, double line_width, std::span<const double> dashes) {
    if (markup_) return markup_->polyline(points, colour, line_width, dashes);
    set_colour(colour);
    cairo_set_line_width(context_.get(), line_width);
    cairo_set_dash(context_.get(), dashes.data(), static_cast<int>(dashes.size()), 0.0);
    trace(points);
    cairo_stroke(context_.get());
    cairo_set_dash(context_.get(), nullptr, 0, 0.0);
}

void Figure::polygon(std::span<const Point> points, Colour colour, double opacity) {
    if (markup_) return markup_->polygon(points, colour, opacity);
    set_colour(colour, opacity);
    trace(points);
    cairo_close_path(context_.get());
    cairo_fill(context_.get());
}

void Figure::circle(Point centre, double radius, Colour colour) {
    if (markup_) return markup_->circle(centre, radius, colour);
    set_colour(colour);
    cairo_new_sub_path(context_.get());
    cairo_arc(context_.get(), centre.x, centre.y, radius, 0.0, 2.0 * std::numbers::pi);
    cairo_fill(context_.get());
}

void Figure::image(const Rect& area, std::span<const Colour> pixels, int columns, int rows) {
    if (columns <= 0 || rows <= 0) return;
    std::unique_ptr<cairo_surface_t, Destroy> image(cairo_image_surface_create(CAIRO_FORMAT_RGB24, columns, rows));
    check(cairo_surface_status(image.get()), target_);
    cairo_surface_flush(image.get());
    unsigned char* data = cairo_image_surface_get_data(image.get());
    const int stride = cairo_image_surface_get_stride(image.get());
    for (int row = 0; row < rows; ++row) {
        auto* line = reinterpret_cast<std::uint32_t*>(data + static_cast<std::ptrdiff_t>(row) * stride);
        for (int column = 0; column < columns; ++column) {
            const Colour colour = pixels[static_cast<std::size_t>(row) * columns + column];
            line[column] = std::uint32_t{colour.red} << 16U | std::uint32_t{colour.green} << 8U | colour.blue;
        }
    }
    cairo_surface_mark_dirty(image.get());
    if (markup_) return markup_->image(area, png_of(image.get(), target_));
    cairo_save(context_.get());
    cairo_rectangle(context_.get(), area.x, area.y, area.width, area.height);
    cairo_clip(context_.get());
    cairo_translate(context_.get(), area.x, area.y);
    cairo_scale(context_.get(), area.width / columns, area.height / rows);
    cairo_set_source_surface(context_.get(), image.get(), 0.0, 0.0);
    cairo_pattern_set_filter(cairo_get_source(context_.get()), CAIRO_FILTER_NEAREST);
    cairo_paint(context_.get());
    cairo_restore(context_.get());
}

void Figure::select_font(double size, bool bold) {
    // One family: Cairo takes a list for a name. Where it is missing, fontconfig gives the usual sans-serif.
    cairo_select_font_face(context_.get(), "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(context_.get(), size);
}

double Figure::printable_width(const std::string& text, double size, bool bold) {
    select_font(size, bold);
    cairo_text_extents_t extents{};
    cairo_text_extents(context_.get(), text.c_str(), &extents);
    return std::max(extents.x_advance, extents.x_bearing + extents.width);
}

double Figure::text_width(std::string_view text, double size, bool bold) {
    return printable_width(base::printable(text), size, bold);
}

std::string Figure::fitted(std::string_view text, double width, double size, bool bold) {
    std::string whole = base::printable(text);
    // A name of a megabyte is no reason to lay out a megabyte.
    if (whole.size() > 4096) {
        std::size_t end = 4096;
        while (end > 0 && (static_cast<unsigned char>(whole[end]) & 0xC0U) == 0x80U) --end;
        whole.resize(end);
    }
    if (printable_width(whole, size, bold) <= width) return whole;
    std::vector<std::size_t> boundaries{whole.size()};
    while (boundaries.back() > 0) boundaries.push_back(base::previous_character(whole, boundaries.back()));
    // Boundaries run from the longest text to the empty one: find the first that fits.
    const auto fits = std::ranges::partition_point(
        boundaries, [&](std::size_t end) { return printable_width(whole.substr(0, end) + "…", size, bold) > width; });
    if (fits == boundaries.end() || *fits == 0) return "";
    whole.resize(*fits);
    while (!whole.empty() && whole.back() == ' ') whole.pop_back();
    return whole + "…";
}

void Figure::text(Point at, std::string_view text, const TextStyle& style) {
    const std::string shown = base::printable(text);
    if (shown.empty()) return;
    double y = 0.0;
    if (style.across == Across::middle) y = 0.5 * capital_height * style.size;
    if (style.across == Across::top) y = capital_height * style.size;
    if (markup_) return markup_->text(at, y, shown, style);
    const double width = printable_width(shown, style.size, style.bold);
    double x = 0.0;
    if (style.along == Along::middle) x = -0.5 * width;
    if (style.along == Along::end) x = -width;
    cairo_save(context_.get());
    cairo_translate(context_.get(), at.x, at.y);
    if (style.degrees != 0.0) cairo_rotate(context_.get(), -style.degrees * std::numbers::pi / 180.0);
    set_colour(style.colour);
    cairo_move_to(context_.get(), x, y);
    cairo_show_text(context_.get(), shown.c_str());
    cairo_new_path(context_.get());
    cairo_restore(context_.get());
}

void Figure::clip(const Rect& area) {
    if (markup_) return markup_->clip(area);
    cairo_save(context_.get());
    cairo_rectangle(context_.get(), area.x, area.y, area.width, area.height);
    cairo_clip(context_.get());
}

void Figure::release() {
    if (markup_) return markup_->release();
    cairo_restore(context_.get());
}

void Figure::save() {
    check(cairo_status(context_.get()), target_);
    if (markup_) {
        *target_.markup() += markup_->finish();
        return;
    }
    std::string bytes;
    if (svg_) {
        cairo_surface_finish(surface_.get());
        check(cairo_surface_status(surface_.get()), target_);
        bytes = with_own_numbers(*output_);
        // The title for screen readers and for the tab of a browser.
        const std::size_t opening = bytes.find("<svg");
        const std::size_t end = opening == std::string::npos ? opening : bytes.find('>', opening);
        if (end != std::string::npos) {
            bytes.insert(end + 1, fmt::format("\n<title>{}</title>", base::xml_escaped(description_)));
        }
    } else {
        bytes = png_of(surface_.get(), target_);
    }
    files::write_file(target_.path(), bytes);
}

void check_figure_path(const std::filesystem::path& path) {
    is_svg(path);
    // Takes a file of another name in the same folder, and leaves none.
    const files::AtomicFile probe(path);
}

}  // namespace earmark::plot
