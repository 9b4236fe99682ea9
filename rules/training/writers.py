"""What a program writes for TensorBoard."""

import datetime
import socket

import tensorflow as tf

from diptych.catalog.language import *


@helper
class SummaryWriter:
    """Writes for TensorBoard as PyTorch's writer does: a folder for each, and one for each of several scalars."""

    def __init__(self, log_dir=None, comment=""):
        if not log_dir:
            now = datetime.datetime.now().strftime("%b%d_%H-%M-%S")
            log_dir = f"runs/{now}_{socket.gethostname()}{comment}"
        self.log_dir, self.writers = str(log_dir), {}

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.close()

    def at(self, step, folder=""):
        if folder not in self.writers:
            self.writers[folder] = tf.summary.create_file_writer(f"{self.log_dir}/{folder}")
        return self.writers[folder].as_default(0 if step is None else step)

    def add_scalar(self, tag, scalar_value, global_step=None):
        with self.at(global_step):
            tf.summary.scalar(tag, tf.reshape(tf.cast(scalar_value, tf.float32), ()))

    def add_scalars(self, main_tag, tag_scalar_dict, global_step=None):
        for tag, value in tag_scalar_dict.items():
            with self.at(global_step, f"{main_tag.replace('/', '_')}_{tag}"):
                tf.summary.scalar(main_tag, tf.reshape(tf.cast(value, tf.float32), ()))

    def add_histogram(self, tag, values, global_step=None):
        with self.at(global_step):
            tf.summary.histogram(tag, values)

    def add_image(self, tag, img_tensor, global_step=None, dataformats="CHW"):
        image, axes = tf.convert_to_tensor(img_tensor), dataformats.upper()
        if image.dtype != tf.uint8:
            image = tf.cast(tf.clip_by_value(tf.cast(image, tf.float32) * 255, 0, 255), tf.uint8)
        image = tf.transpose(image, [axes.index(axis) for axis in "HWC" if axis in axes])
        with self.at(global_step):
            tf.summary.image(tag, (image if "C" in axes else image[..., None])[None])

    def add_text(self, tag, text_string, global_step=None):
        with self.at(global_step):
            tf.summary.text(f"{tag}/text_summary", text_string)

    def get_logdir(self):
        return self.log_dir

    def flush(self):
        for writer in self.writers.values():
            writer.flush()

    def close(self):
        for writer in self.writers.values():
            writer.close()
        self.writers = {}
