#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "report/experiment/experiment_figures.hpp"
#include "report/experiment/experiment_tables.hpp"

namespace earmark::report {

/// The report on an experiment, made from the runs that are finished. The same results give the same bytes.
class ExperimentReport {
  public:
    /// Both must outlive the report.
    /// @param data  the folder that clips are relative to; empty: figures of clips are left out, which the report says
    ExperimentReport(const experiment::Experiment& experiment, const experiment::ExperimentResults& results,
                     const std::filesystem::path& data = {});

    /// The whole report as one page that refers to nothing outside itself.
    std::string html() const;
    /// Its tables as Markdown, a heading a protocol.
    std::string markdown() const;
    /// Writes each figure as an SVG file; the names depend on the experiment file alone. The folder is made.
    /// @return the files @throws Error cannot_write
    std::vector<std::filesystem::path> save_figures(const std::filesystem::path& folder) const;

  private:
    /// A table and its figures.
    struct Part {
        std::string title;  ///< without the protocol
        report::ReportTable table;
        std::optional<report::ReportFigure> sweep;
    };
    /// The section of one protocol.
    struct Section {
        std::string id;
        std::vector<Part> parts;
        std::vector<report::ReportFigure> curves;
        std::vector<report::ReportFigure> confusions;
        std::size_t finished = 0;
    };

    Section make_section(std::size_t index);
    void make_clips(const std::filesystem::path& data);
    void name_files();
    /// Calls `take` for each figure, in the order of the report.
    template <typename Report, typename Take>
    static void each_figure(Report& report, Take take);

    std::string contents() const;
    std::string section_html(std::size_t index) const;
    std::string protocol_comparison_html() const;

    const experiment::Experiment& experiment_;
    const experiment::ExperimentResults& results_;
    std::vector<report::ProtocolRows> protocols_;
    std::vector<report::SharedSetting> shared_;
    std::optional<report::ReportFigure> comparison_;
    std::vector<report::ReportFigure> clips_;
    std::vector<Section> sections_;
    std::vector<std::string> left_out_;  // figures that could not be drawn, and why
};

}  // namespace earmark::report
