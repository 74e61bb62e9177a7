#include "report/experiment/experiment_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/throw.hpp"
#include "formats/html.hpp"
#include "report/experiment/experiment_summary.hpp"
#include "report/html/page_style.hpp"
#include "report/html/report_numbers.hpp"

namespace earmark::report {

namespace {

/// A page that could load something would be stopped by this.
constexpr const char* policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

std::string figure_html(const ReportFigure& figure) {
    std::string html = fmt::format("<figure id=\"figure-{}\">\n", figure.file);
    figure.draw(plot::FigureTarget::page(html));
    html += "<figcaption>";
    if (!figure.name.empty()) html += "<b>" + formats::escaped(figure.name) + ".</b> ";
    return html + formats::escaped(figure.caption) + leaky_badge(figure.leaky) + "</figcaption>\n</figure>\n";
}

std::string heading(int depth, const std::string& id, const std::string& words, bool leaky = false) {
    return fmt::format("<h{0} id=\"{1}\">{2}{3}</h{0}>\n", depth, id, formats::escaped(words), leaky_badge(leaky));
}

std::string entry(const std::string& id, const std::string& words, bool leaky = false) {
    return fmt::format("<li><a href=\"#{}\">{}</a>{}", id, formats::escaped(words), leaky_badge(leaky));
}

/// "CNN (dropout 0.6): 71.1, 64.4 and 39.9 %, …": the figures of a setting, protocol by protocol.
std::string protocol_comparison_sentence(const SharedSetting& setting) {
    std::string figures;
    const SettingRow* first = nullptr;
    const SettingRow* last = nullptr;
    for (const SettingRow* row : setting.rows) {
        if (!figures.empty()) figures += " \u2192 ";
        figures += row == nullptr ? "\u2013" : percent(row->test->segments->accuracy.mean);
        if (row == nullptr) continue;
        if (first == nullptr) first = row;
        last = row;
    }
    std::string name = first->setting;
    for (const SettingRow* row : setting.rows) {
        if (setting.chosen_otherwise && row != nullptr && row->setting != first->setting) {
            name += fmt::format("; {} under {}, which chose it", row->setting, row->protocol->title);
        }
    }
    const std::string text = fmt::format("{} ({}): {} %", setting.family, name, figures);
    if (first == last) return text + ".";
    const double change = 100.0 * (first->test->segments->accuracy.mean - last->test->segments->accuracy.mean);
    return text + fmt::format(", {} points {}.", decimal(std::abs(change), 1), change < 0.0 ? "higher" : "lower");
}

}  // namespace

ExperimentReport::ExperimentReport(const experiment::Experiment& experiment,
                                   const experiment::ExperimentResults& results, const std::filesystem::path& data)
    : experiment_(experiment),
      results_(results),
      protocols_(group_by_protocol(experiment, results)),
      shared_(shared_settings(experiment, protocols_)),
      comparison_(protocol_comparison_figure(experiment, protocols_, shared_)) {
    make_clips(data);
    for (std::size_t i = 0; i < protocols_.size(); ++i) sections_.push_back(make_section(i));
    name_files();
}

ExperimentReport::Section ExperimentReport::make_section(std::size_t index) {
    const ProtocolRows& protocol = protocols_[index];
    Section section{.id = fmt::format("protocol-{}", index + 1), .parts = {}, .curves = {}, .confusions = {}};
    for (const SettingRow& row : protocol.rows) section.finished += row.finished.size();
    if (section.finished > 0) {
        for (std::size_t t = 0; t < experiment_.tables.size(); ++t) {
            const experiment::ExperimentTable& table = experiment_.tables[t];
            std::optional<ReportTable> made =
                results_table(table, protocol, fmt::format("table-{}-{}", index + 1, t + 1));
            if (made)
                section.parts.push_back(
                    {fmt::format("{}: {}", table.name, table.title), std::move(*made), sweep_figure(table, protocol)});
        }
    }
    for (const experiment::ExperimentFigure& figure : experiment_.figures) {
        if (figure.curves.empty() || figure.protocol != protocol.protocol->name) continue;
        if (std::optional<ReportFigure> made = curves_figure(figure, protocol)) {
            section.curves.push_back(std::move(*made));
        } else {
            left_out_.push_back(
                fmt::format("{} ({}) is left out: none of its runs is finished.", figure.name, figure.title));
        }
    }
    for (const std::string& family : families_of(experiment_)) {
        if (std::optional<ReportFigure> made = confusion_figure(family, protocol, results_.genres)) {
            section.confusions.push_back(std::move(*made));
        }
    }
    return section;
}

void ExperimentReport::make_clips(const std::filesystem::path& data) {
    for (const experiment::ExperimentFigure& figure : experiment_.figures) {
        if (figure.clips.empty()) continue;
        std::string why = "it needs the audio, whose folder was not given";
        if (!data.empty()) {
            try {
                clips_.push_back(clips_figure(figure, data));
                continue;
            } catch (const Error& error) {
                why = error.what();
            }
        }
        left_out_.push_back(fmt::format("{} ({}) is left out: {}", figure.name, figure.title, why) +
                            (why.ends_with('.') ? "" : "."));
    }
}

template <typename Report, typename Take>
void ExperimentReport::each_figure(Report& report, Take take) {
    if (report.comparison_) take(*report.comparison_);
    for (auto& figure : report.clips_) take(figure);
    for (auto& section : report.sections_) {
        for (auto& part : section.parts) {
            if (part.sweep) take(*part.sweep);
        }
        for (auto& figure : section.curves) take(figure);
        for (auto& figure : section.confusions) take(figure);
    }
}

/// Names that come out alike are numbered.
void ExperimentReport::name_files() {
    std::set<std::string> taken;
    each_figure(*this, [&](ReportFigure& figure) {
        const std::string stem = figure.file;
        for (int i = 2; !taken.insert(figure.file).second; ++i) figure.file = fmt::format("{}-{}", stem, i);
    });
}

std::string ExperimentReport::contents() const {
    std::string html = "<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">Contents</h2>\n<ol>\n";
    html += entry("run", "What was run") + "</li>\n" + entry("worth", "What the protocols are worth") + "</li>\n";
    if (!clips_.empty()) html += entry("signals", "What the networks hear") + "</li>\n";
    for (std::size_t i = 0; i < sections_.size(); ++i) {
        html += entry(sections_[i].id, protocols_[i].protocol->title, protocols_[i].leaky) + "\n<ol>";
        for (const Part& part : sections_[i].parts) html += entry(part.table.id, part.title) + "</li>";
        for (const ReportFigure& figure : sections_[i].curves) {
            html += entry("figure-" + figure.file, figure.name + ": learning curves") + "</li>";
        }
        if (!sections_[i].confusions.empty()) {
            html += entry(sections_[i].id + "-confusion", "Confusion matrices") + "</li>";
        }
        // A list has at least one entry.
        if (html.ends_with("<ol>")) html += "<li>no run is finished</li>";
        html += "</ol></li>\n";
    }
    html += entry("methods", "How the figures are made") + "</li>\n";
    if (std::ranges::any_of(results_.runs, &experiment::RunRecord::failed))
        html += entry("failed", "Failed runs") + "</li>\n";
    return html + entry("appendix", "Appendix: every run") + "</li>\n</ol>\n</nav>\n";
}

std::string ExperimentReport::protocol_comparison_html() const {
    std::string html = heading(2, "worth", "What the protocols are worth");
    if (!comparison_) return html + "<p>No run with figures of a test part is finished.</p>\n";
    html += figure_html(*comparison_);
    std::string names;
    for (const ProtocolRows& protocol : protocols_) {
        names += (names.empty() ? "" : " \u2192 ") + protocol.protocol->title + (protocol.leaky ? " (leaky)" : "");
    }
    html += "<p>Segments right under " + formats::escaped(names) + ":</p>\n<ul>\n";
    for (const SharedSetting& setting : shared_)
        html += "<li>" + formats::escaped(protocol_comparison_sentence(setting)) + "</li>\n";
    html += "</ul>\n";
    for (std::size_t i = 0; i < protocols_.size(); ++i) {
        const ProtocolRows& protocol = protocols_[i];
        html += fmt::format("<section{}>\n", protocol.leaky ? " class=\"leaky\"" : "");
        html += heading(3, fmt::format("worth-of-{}", i + 1), protocol.protocol->title, protocol.leaky);
        html += "<div class=\"leak\">" + formats::paragraphs(protocol.protocol->leaks) + "</div>\n";
        const ReportTable table = protocol_comparison(shared_, protocol, i);
        html += table.rows.empty() ? "<p>No run with test figures is finished.</p>\n" : to_html(table);
        html += "</section>\n";
    }
    return html;
}

std::string ExperimentReport::section_html(std::size_t index) const {
    const ProtocolRows& protocol = protocols_[index];
    const Section& section = sections_[index];
    std::string html = fmt::format("<section class=\"protocol{}\">\n", protocol.leaky ? " leaky" : "");
    html += heading(2, section.id, protocol.protocol->title, protocol.leaky);
    html += "<div class=\"leak\">" + formats::paragraphs(protocol.protocol->leaks) + "</div>\n";
    if (section.finished == 0) html += "<p>No run under this protocol is finished.</p>\n";
    for (const Part& part : section.parts) {
        html += to_html(part.table);
        if (part.sweep) html += figure_html(*part.sweep);
    }
    for (const ReportFigure& figure : section.curves) html += figure_html(figure);
    if (!section.confusions.empty()) {
        html +=
            heading(3, section.id + "-confusion", "Confusion matrices", protocol.leaky) + "<div class=\"matrices\">\n";
        for (const ReportFigure& figure : section.confusions) html += figure_html(figure);
        html += "</div>\n";
    }
    return html + "</section>\n";
}

std::string ExperimentReport::html() const {
    std::string html = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\"/>\n<meta http-equiv=\"Content-Security-Policy\" "
        "content=\"{}\"/>\n"
        "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the "
        "report</a>\n<div class=\"page\">\n<header>\n<h1>{}</h1>\n<button type=\"button\" id=\"theme\" "
        "hidden=\"hidden\">Dark</button>\n</header>\n<main id=\"main\">\n",
        policy, formats::escaped(experiment_.title), page_style(), formats::escaped(experiment_.title));
    html += fmt::format("<p class=\"byline\">Experiment <code>{}</code>: {}.</p>\n", formats::escaped(experiment_.name),
                        formats::escaped(progress_of(results_)));
    for (const std::string& warning : warnings_of(results_, protocols_)) {
        html += "<p class=\"warning\"><strong>Warning.</strong> " + formats::escaped(warning) + "</p>\n";
    }
    html += formats::paragraphs(experiment_.about) + contents();
    html += heading(2, "run", "What was run") + overview_html(experiment_, results_);
    for (const std::string& sentence : left_out_) html += "<p class=\"note\">" + formats::escaped(sentence) + "</p>\n";
    html += protocol_comparison_html();
    if (!clips_.empty()) html += heading(2, "signals", "What the networks hear");
    for (const ReportFigure& figure : clips_) html += figure_html(figure);
    for (std::size_t i = 0; i < sections_.size(); ++i) html += section_html(i);
    html += heading(2, "methods", "How the figures are made") + methods_html();
    const std::string failures = failures_html(results_);
    if (!failures.empty()) html += heading(2, "failed", "Failed runs") + failures;
    html += heading(2, "appendix", "Appendix: every run") + appendix_html(protocols_);
    html +=
        "</main>\n<footer><p class=\"byline\">Written by <code>earmark experiment "
        "report</code>.</p></footer>\n</div>\n";
    return html + fmt::format("<script>\n{}</script>\n</body>\n</html>\n", page_script());
}

std::string ExperimentReport::markdown() const {
    std::string text = progress_of(results_) + ".\n";
    for (const std::string& warning : warnings_of(results_, protocols_)) text += "\nWarning: " + warning + "\n";
    for (std::size_t i = 0; i < sections_.size(); ++i) {
        const experiment::Protocol& protocol = *protocols_[i].protocol;
        const char* leaky = protocols_[i].leaky ? " (leaky)" : "";
        text += fmt::format("\n## {}{}\n\n{}\n", protocol.title, leaky, protocol.leaks);
        if (sections_[i].finished == 0) text += "\nNo run under this protocol is finished.\n";
        for (const Part& part : sections_[i].parts) {
            text += fmt::format("\n### {}{}\n\n{}", part.title, leaky, to_markdown(part.table));
        }
    }
    return text;
}

std::vector<std::filesystem::path> ExperimentReport::save_figures(const std::filesystem::path& folder) const {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        base::fail(ErrorCode::cannot_write, "{}: the folder cannot be made: {}.", folder.string(), error.message());
    std::vector<std::filesystem::path> files;
    each_figure(*this, [&](const ReportFigure& figure) {
        files.push_back(folder / (figure.file + ".svg"));
        figure.draw(files.back());
    });
    return files;
}

}  // namespace earmark::report
