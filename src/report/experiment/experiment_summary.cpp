#include "report/experiment/experiment_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "formats/html.hpp"
#include "report/html/report_numbers.hpp"

namespace earmark::report {

namespace {

std::size_t finished_of(const experiment::ExperimentResults& results) {
    return static_cast<std::size_t>(std::ranges::count(results.runs, false, &experiment::RunRecord::failed));
}

std::set<std::string> versions_of(const experiment::ExperimentResults& results) {
    std::set<std::string> versions;
    for (const experiment::RunRecord& run : results.runs) {
        if (!run.failed && !run.version.empty()) versions.insert(run.version);
    }
    return versions;
}

/// The fingerprints that finished runs saw, by the name of their data.
std::map<std::string, std::set<std::string>> fingerprints_of(const experiment::ExperimentResults& results) {
    std::map<std::string, std::set<std::string>> fingerprints;
    for (const experiment::RunRecord& run : results.runs) {
        if (!run.failed && !run.data_fingerprint.empty()) fingerprints[run.run.data].insert(run.data_fingerprint);
    }
    return fingerprints;
}

std::string listed(const std::set<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    return list;
}

std::string term(const std::string& name, const std::string& html) {
    return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, html);
}

std::string fold_of(const experiment::Run& run) {
    return run.fold < 0 ? "\u2013" : fmt::format("{}", run.fold);
}

std::string accuracy_of(const std::optional<experiment::PartScore>& part,
                        experiment::RunScore experiment::PartScore::*level) {
    return part && ((*part).*level).items > 0 ? percent(((*part).*level).accuracy) : "\u2013";
}

std::string commands_html(const experiment::RunRecord& run) {
    if (run.commands.empty()) return "\u2013";
    std::string lines;
    for (const std::string& command : run.commands) lines += formats::escaped(command) + "\n";
    return fmt::format("<details><summary>{}</summary><pre>{}</pre></details>", counted(run.commands.size(), "command"),
                       lines);
}

std::string run_html(const experiment::RunRecord& run) {
    const bool epochs = run.epochs > 0;
    std::vector<std::string> cells{
        fmt::format("{}", run.run.seed),
        fold_of(run.run),
        formats::escaped(run.run.protocol),
        epochs ? fmt::format("{}", run.epochs) : "\u2013",
        epochs ? fmt::format("{}", run.kept_epoch) : "\u2013",
        accuracy_of(run.valid, &experiment::PartScore::segments),
        accuracy_of(run.test, &experiment::PartScore::segments),
        run.test && run.test->segments.items > 0 ? decimal(run.test->segments.loss, 3) : "\u2013",
        accuracy_of(run.test, &experiment::PartScore::tracks),
        decimal(run.seconds, 1),
        run.peak_memory > 0 ? megabytes(run.peak_memory) : "\u2013"};
    std::string html = fmt::format("<tr><th scope=\"row\"><code>{}</code></th>", formats::escaped(run.run.id));
    if (run.failed) {
        html += fmt::format("<td class=\"number\">{}</td><td class=\"number\">{}</td><td>{}</td>", cells[0], cells[1],
                            cells[2]);
        html += fmt::format("<td colspan=\"{}\" class=\"failed\">failed: {}</td>", cells.size() - 3,
                            formats::escaped(run.error));
    } else {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            html += fmt::format("<td{}>{}</td>", i == 2 ? "" : " class=\"number\"", cells[i]);
        }
    }
    return html + "<td>" + commands_html(run) + "</td></tr>\n";
}

constexpr const char* appendix_head =
    "<thead><tr><th scope=\"col\">run</th><th scope=\"col\" class=\"number\">seed</th><th scope=\"col\" "
    "class=\"number\">fold</th><th scope=\"col\">protocol</th><th scope=\"col\" class=\"number\">epochs</th>"
    "<th scope=\"col\" class=\"number\">kept</th><th scope=\"col\" class=\"number\">validation, %</th>"
    "<th scope=\"col\" class=\"number\">test, %</th><th scope=\"col\" class=\"number\">test loss</th>"
    "<th scope=\"col\" class=\"number\">tracks, %</th><th scope=\"col\" class=\"number\">seconds</th>"
    "<th scope=\"col\" class=\"number\">MB</th><th scope=\"col\">commands</th></tr></thead>\n";

}  // namespace

std::string leaky_badge(bool leaky) {
    return leaky ? " <strong class=\"leaky\">leaky</strong>" : "";
}

std::string progress_of(const experiment::ExperimentResults& results) {
    const std::size_t finished = finished_of(results);
    std::string text = fmt::format("{} of {} runs finished", finished, results.planned);
    const std::size_t failed = results.runs.size() - finished;
    return failed > 0 ? text + fmt::format(", {} failed", failed) : text;
}

std::vector<std::string> warnings_of(const experiment::ExperimentResults& results,
                                     const std::vector<ProtocolRows>& protocols) {
    std::vector<std::string> warnings;
    const std::set<std::string> versions = versions_of(results);
    if (versions.size() > 1) {
        warnings.push_back(
            fmt::format("Runs of different versions of Earmark are mixed here: {}. Their figures may differ "
                        "for that reason alone; run those of the older version again.",
                        listed(versions)));
    }
    for (const auto& [data, fingerprints] : fingerprints_of(results)) {
        if (fingerprints.size() < 2) continue;
        warnings.push_back(
            fmt::format("Runs on different data are mixed here: {} had the fingerprints {}. Their figures "
                        "do not belong together; run those on the older data again.",
                        data, listed(fingerprints)));
    }
    for (const ProtocolRows& protocol : protocols) {
        std::set<std::string> titles;
        for (const SettingRow& row : protocol.rows) {
            for (const experiment::RunRecord* run : row.finished) {
                if (run->test && run->test->seen_in_pretraining > 0) titles.insert(row.grid->title);
            }
        }
        if (titles.empty()) continue;
        warnings.push_back(
            fmt::format("Under {} these networks heard tracks of the test part before their training, without their "
                        "genres: {}. Tracks that were never heard may do worse.",
                        protocol.protocol->title, listed(titles)));
    }
    for (const ProtocolRows& protocol : protocols) {
        if (!protocol.protocol->choose) continue;
        Rows rows;
        for (const SettingRow& row : protocol.rows) rows.push_back(&row);
        for (const std::string& family : families_of(rows)) {
            const auto tested = std::ranges::count_if(
                rows, [&](const SettingRow* row) { return row->grid->family == family && row->test.has_value(); });
            if (tested < 2) continue;
            warnings.push_back(
                fmt::format("Under {} the test part was used for {} settings of {}: what was chosen first was chosen "
                            "anew. Its figures are no longer those of a part that nobody has seen.",
                            protocol.protocol->title, tested, family));
        }
    }
    return warnings;
}

std::string overview_html(const experiment::Experiment& experiment, const experiment::ExperimentResults& results) {
    std::string html = "<dl class=\"facts\">\n";
    html += term("Runs", formats::escaped(progress_of(results)));
    double seconds = 0.0;
    for (const experiment::RunRecord& run : results.runs) seconds += run.seconds;
    html += term("Time", formats::escaped(duration(seconds)) + ", the sum over the runs");
    const std::map<std::string, std::set<std::string>> fingerprints = fingerprints_of(results);
    for (const experiment::ExperimentData& data : experiment.data) {
        std::string about = formats::escaped(data.about);
        const auto found = fingerprints.find(data.name);
        if (found != fingerprints.end()) {
            about += fmt::format(" Fingerprint <code>{}</code>.", formats::escaped(listed(found->second)));
        }
        html += term("Data: " + formats::escaped(data.name), about);
    }
    std::string seeds;
    for (const std::uint64_t seed : experiment.seeds) seeds += (seeds.empty() ? "" : ", ") + std::to_string(seed);
    html += term("Seeds", seeds);
    for (const experiment::Protocol& protocol : experiment.protocols) {
        std::vector<std::string> names;
        for (const auto& item : protocol.options.items()) names.push_back(item.key());
        std::string words = described(protocol.options, names);
        if (protocol.folds > 0) words += fmt::format("{}{} folds", words.empty() ? "" : ", ", protocol.folds);
        if (protocol.choose) words += "; settings are chosen on the validation part";
        if (!protocol.test) words += "; the test part is not looked at";
        html += term("Protocol: " + formats::escaped(protocol.title), formats::escaped(words));
    }
    const std::set<std::string> versions = versions_of(results);
    if (!versions.empty()) html += term("Earmark", formats::escaped(listed(versions)));
    if (!results.machine.empty()) html += term("Machine", formats::escaped(results.machine));
    return html + "</dl>\n";
}

std::string methods_html() {
    return "<p>Each figure is a mean over the seeds \u00b1 the sample standard deviation over the seeds; where a "
           "protocol has "
           "folds, the folds of a seed are pooled to one figure first, each weighing as many segments or tracks as it "
           "was "
           "measured on. Intervals are 95 % percentile bootstrap intervals over tracks: what all runs of a setting "
           "said of a "
           "track is pooled, tracks are drawn with replacement 2000 times with a fixed seed, and the interval holds "
           "the "
           "middle 95 % of the accuracies of the draws.</p>\n"
           "<p>\u201cSegments right\u201d is the accuracy on segments; \u201ctracks right\u201d that of the verdict on "
           "whole "
           "tracks, from the mean of their segments\u2019 probabilities. Loss, macro F1 and macro AUC are of segments; "
           "loss is "
           "the mean cross-entropy in nats. The number of runs in each row leads to them in the <a "
           "href=\"#appendix\">appendix</a>.</p>\n";
}

std::string failures_html(const experiment::ExperimentResults& results) {
    std::string rows;
    for (const experiment::RunRecord& run : results.runs) {
        if (!run.failed) continue;
        std::vector<std::string> names;
        for (const auto& item : run.run.options.items()) names.push_back(item.key());
        rows += fmt::format(
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}</td><td>{}</td><td "
            "class=\"number\">{}</td><td "
            "class=\"failed\">{}</td></tr>\n",
            formats::escaped(run.run.id), formats::escaped(run.run.grid),
            formats::escaped(described(run.run.options, names)), formats::escaped(run.run.protocol), run.run.seed,
            formats::escaped(run.error));
    }
    if (rows.empty()) return "";
    return "<div class=\"scroll\" role=\"region\" aria-labelledby=\"failed\" "
           "tabindex=\"0\">\n<table>\n<caption><span>Runs "
           "that "
           "failed</span></caption>\n<thead><tr><th scope=\"col\">run</th><th scope=\"col\">grid</th><th "
           "scope=\"col\">setting</th>"
           "<th scope=\"col\">protocol</th><th scope=\"col\" class=\"number\">seed</th><th "
           "scope=\"col\">error</th></tr>"
           "</thead>\n<tbody>\n" +
           rows + "</tbody>\n</table>\n</div>\n";
}

std::string appendix_html(const std::vector<ProtocolRows>& protocols) {
    std::string html;
    for (std::size_t i = 0; i < protocols.size(); ++i) {
        const ProtocolRows& protocol = protocols[i];
        std::string bodies;
        for (const SettingRow& row : protocol.rows) {
            if (row.finished.empty() && row.failed.empty()) continue;
            bodies += fmt::format("<tbody id=\"{}\"><tr><th scope=\"rowgroup\" colspan=\"13\">{}: {}</th></tr>\n",
                                  row.anchor, formats::escaped(row.grid->family), formats::escaped(row.setting));
            for (const auto* records : {&row.finished, &row.failed}) {
                for (const experiment::RunRecord* run : *records) bodies += run_html(*run);
            }
            bodies += "</tbody>\n";
        }
        if (bodies.empty()) continue;
        html += fmt::format(
            "<h3 id=\"appendix-{0}\">{1}{2}</h3>\n<div class=\"scroll\" role=\"region\" "
            "aria-labelledby=\"appendix-{0}\" tabindex=\"0\">\n<table class=\"runs\">\n<caption><span>Runs under "
            "{1}{2}</span></caption>\n{3}{4}</table>\n</div>\n",
            i + 1, formats::escaped(protocol.protocol->title), leaky_badge(protocol.leaky), appendix_head, bodies);
    }
    return html;
}

}  // namespace earmark::report
