#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

/// What reading is measured against: the plain loop around FFmpeg's libraries that decodes every frame of the first
/// audio stream on one thread and does nothing with it. @return seconds of audio
inline double decode_alone(const std::filesystem::path& path) {
    const auto require = [&](int status, const char* what) {
        if (status < 0) throw std::runtime_error(path.string() + ": " + what);
    };
    AVFormatContext* opened = nullptr;
    require(avformat_open_input(&opened, path.c_str(), nullptr, nullptr), "cannot be opened");
    const auto close = [](AVFormatContext* context) { avformat_close_input(&context); };
    const std::unique_ptr<AVFormatContext, decltype(close)> format(opened, close);
    require(avformat_find_stream_info(format.get(), nullptr), "has no stream information");
    const AVCodec* decoder = nullptr;
    const int stream = av_find_best_stream(format.get(), AVMEDIA_TYPE_AUDIO, -1, -1, &decoder, 0);
    require(stream, "has no audio");

    const auto free_codec = [](AVCodecContext* context) { avcodec_free_context(&context); };
    const auto free_packet = [](AVPacket* packet) { av_packet_free(&packet); };
    const auto free_frame = [](AVFrame* frame) { av_frame_free(&frame); };
    const std::unique_ptr<AVCodecContext, decltype(free_codec)> codec(avcodec_alloc_context3(decoder), free_codec);
    const std::unique_ptr<AVPacket, decltype(free_packet)> packet(av_packet_alloc(), free_packet);
    const std::unique_ptr<AVFrame, decltype(free_frame)> frame(av_frame_alloc(), free_frame);
    require(avcodec_parameters_to_context(codec.get(), format->streams[stream]->codecpar), "odd parameters");
    codec->thread_count = 1;
    codec->pkt_timebase = format->streams[stream]->time_base;
    require(avcodec_open2(codec.get(), decoder, nullptr), "cannot be decoded");

    double seconds = 0.0;
    const auto decode = [&](const AVPacket* data) {
        avcodec_send_packet(codec.get(), data);  // what is damaged in it is skipped
        while (avcodec_receive_frame(codec.get(), frame.get()) == 0) {
            seconds += static_cast<double>(frame->nb_samples) / frame->sample_rate;
        }
    };
    while (av_read_frame(format.get(), packet.get()) == 0) {
        if (packet->stream_index == stream) decode(packet.get());
        av_packet_unref(packet.get());
    }
    decode(nullptr);
    return seconds;
}
