#include "plot/charts/library_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "plot/signal/series.hpp"

namespace earmark::plot {

namespace {

constexpr double width = 820.0;
constexpr double margin = 14.0;
constexpr double longest_name = 160.0;
constexpr double row_height = 30.0;
constexpr double bar_height = 18.0;
constexpr double beside = 10.0;  // from the plot to the text beside it

struct Part {
    const char* words;
    Colour colour;
    library::Totals library::GenreStatistics::*totals;
};

const std::array<Part, 4>& parts() {
    static const std::array<Part, 4> all{
        {{"tag agrees", series_colour(2), &library::GenreStatistics::agrees},
         {"tag says otherwise", series_colour(3), &library::GenreStatistics::otherwise},
         {"no genre tag", series_colour(4), &library::GenreStatistics::untagged},
         {"uncertain", {0xc4, 0xc4, 0xc4}, &library::GenreStatistics::uncertain}}};
    return all;
}

/// "137:05 h", hours and minutes.
std::string hours(double seconds) {
    const auto minutes = std::llround(seconds / 60.0);
    return fmt::format("{}:{:02}\u2009h", minutes / 60, minutes % 60);
}

std::string described(const library::GenreStatistics& genre, const library::LibraryStatistics& all) {
    if (genre.all.files == 0) return "0";
    const double share = static_cast<double>(genre.all.files) / static_cast<double>(all.analyzed.files);
    return fmt::format("{} ({:.0f}\u2009%), {}", grouped(static_cast<double>(genre.all.files)), 100.0 * share,
                       hours(genre.all.seconds));
}

std::string summary(const library::LibraryStatistics& statistics) {
    std::string text =
        fmt::format("{} {}, {}", grouped(static_cast<double>(statistics.analyzed.files)),
                    statistics.analyzed.files == 1 ? "file" : "files", hours(statistics.analyzed.seconds));
    const library::Agreement& known = statistics.known;
    if (known.files > 0) {
        text += fmt::format("; of {} whose tags name one of these genres, {:.0f}\u2009% agree",
                            grouped(static_cast<double>(known.files)),
                            100.0 * static_cast<double>(known.agree) / static_cast<double>(known.files));
    }
    return text;
}

std::vector<LegendEntry> legend() {
    std::vector<LegendEntry> entries;
    for (const Part& part : parts()) {
        entries.push_back({part.words, [colour = part.colour](Figure& figure, Point from, Point to) {
                               figure.fill({from.x, from.y - 4.5, to.x - from.x, 9.0}, colour);
                           }});
    }
    return entries;
}

void draw_bar(Figure& figure, const library::GenreStatistics& genre, const Rect& band, const Scale& scale) {
    std::int64_t files = 0;
    for (const Part& part : parts()) {
        const std::int64_t of_part = (genre.*part.totals).files;
        const double from = scale(static_cast<double>(files));
        files += of_part;
        const double to = scale(static_cast<double>(files));
        if (of_part == 0) continue;
        figure.fill({from, band.y + 0.5 * (band.height - bar_height), to - from, bar_height}, part.colour);
    }
}

}  // namespace

void save_library_figure(const FigureTarget& target, const std::string& title,
                         const library::LibraryStatistics& statistics) {
    Figure ruler(target, 100.0, 100.0, "");
    double names = 0.0;
    double notes = 0.0;
    std::int64_t most = 1;
    for (const library::GenreStatistics& genre : statistics.genres) {
        names = std::max(names, ruler.text_width(genre.genre, heading_size, true));
        notes = std::max(notes, ruler.text_width(described(genre, statistics), label_size));
        most = std::max(most, genre.all.files);
    }
    names = std::min(names, longest_name);
    const std::vector<LegendEntry> entries = legend();
    const int legend_lines = lay_out_legend(ruler, entries, {}, width - 2.0 * margin, false);
    const double top = margin + (title.empty() ? 0.0 : 22.0);
    const double legend_top = top + label_size + 10.0;
    const Rect plot{margin + names + beside, legend_top + legend_lines * legend_pitch + 6.0,
                    width - 2.0 * margin - names - notes - 2.0 * beside,
                    row_height * static_cast<double>(std::max<std::size_t>(1, statistics.genres.size()))};

    Figure figure(target, width, plot.bottom() + bottom_axis_height + 4.0, title.empty() ? "Music library" : title);
    if (!title.empty()) {
        figure.text({margin, margin + title_size}, figure.fitted(title, width - 2.0 * margin, title_size, true),
                    {.size = title_size, .bold = true});
    }
    figure.text({margin, top + label_size + 2.0}, summary(statistics),
                {.size = label_size, .colour = faint_text_colour});
    lay_out_legend(figure, entries, {margin, legend_top + label_size + 2.0}, width - 2.0 * margin, true);
    const Scale scale{0.0, 1.04 * static_cast<double>(most), plot.x, plot.right()};
    const std::vector<Tick> ticks = horizontal_ticks(figure, scale.from_value, scale.to_value, plot.width, 1.0);
    for (const Tick& tick : ticks) {
        figure.line({scale(tick.value), plot.y}, {scale(tick.value), plot.bottom()}, grid_colour, 0.6);
    }
    for (std::size_t i = 0; i < statistics.genres.size(); ++i) {
        const library::GenreStatistics& genre = statistics.genres[i];
        const Rect band{plot.x, plot.y + row_height * static_cast<double>(i), plot.width, row_height};
        const double middle = band.y + 0.5 * band.height;
        figure.text({plot.x - beside, middle}, figure.fitted(genre.genre, names, heading_size, true),
                    {.size = heading_size, .bold = true, .along = Along::end, .across = Across::middle});
        draw_bar(figure, genre, band, scale);
        figure.text({plot.right() + beside, middle}, described(genre, statistics),
                    {.size = label_size, .across = Across::middle});
    }
    figure.outline(plot, axis_colour, 0.7);
    draw_bottom_axis(figure, plot, scale, ticks, "files");
    figure.save();
}

}  // namespace earmark::plot
