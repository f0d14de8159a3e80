# SPDX-License-Identifier: MIT
"""A growth benchmark's picture, drawn with gnuplot into STATE/growth-NAME.png."""

import subprocess

import als

LABELS = {"rate": "a second", "p50_ms": "p50, ms", "p99_ms": "p99, ms", "cpu_us": "CPU of a record, µs", "stats_p50_ms": "p50, ms", "stats_p99_ms": "p99, ms"}


def draw(name, title, x, points, left="rate", right="p99_ms"):
    """`points`: [(x, what was measured there)]; one figure of it on the left axis, one on the right."""
    data = als.STATE / f"growth-{name}.dat"
    data.write_text("".join(f"{at} {point[left]} {point[right]}\n" for at, point in points))
    subprocess.run(["gnuplot"], text=True, check=True, input=f"""
set encoding utf8
set terminal pngcairo size 800,420 font ',10'
set output '{als.STATE}/growth-{name}.png'
set title '{title}'
set xlabel '{x}'; set ylabel '{LABELS[left]}'; set y2label '{LABELS[right]}'
set logscale x; set yrange [0:]; set y2range [0:]; set y2tics; set ytics nomirror; set grid; set key below
set format y '%.0f'
plot '{data}' using 1:2 with linespoints lw 2 title '{LABELS[left]}', '' using 1:3 axes x1y2 with linespoints lw 2 title '{LABELS[right]}'
""")
    return [{f"ours, {at:,}": point for at, point in points}]
