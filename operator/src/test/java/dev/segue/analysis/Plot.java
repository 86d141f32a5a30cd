package dev.segue.analysis;

import java.util.List;
import java.util.Locale;

/** A line chart as SVG, with a logarithmic x axis and percent on the y axis. */
record Plot(String title, String x, double from, double to, List<Tick> ticks, List<Line> lines, List<Tick> marks) {
    private static final int WIDTH = 460;
    private static final int HEIGHT = 340;
    private static final int LEFT = 52;
    private static final int TOP = 40;
    private static final int RIGHT = 14;
    private static final int BOTTOM = 78;

    record Tick(double at, String label) {}

    record Point(double x, double percent) {}

    /** One rule's line, with its colour and its dashes. */
    record Line(String name, String colour, String dashes, List<Point> points) {}

    /** These plots side by side. */
    static String side(List<Plot> plots) {
        StringBuilder svg = new StringBuilder("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
                <rect width="100%%" height="100%%" fill="white"/>
                """.formatted(WIDTH * plots.size(), HEIGHT));
        for (int i = 0; i < plots.size(); i++) {
            svg.append("<g transform=\"translate(%d,0)\">\n".formatted(WIDTH * i));
            plots.get(i).draw(svg);
            svg.append("</g>\n");
        }
        return svg.append("</svg>\n").toString();
    }

    private void draw(StringBuilder svg) {
        int bottom = HEIGHT - BOTTOM;
        text(svg, LEFT, 22, "start", title, "font-weight=\"bold\"");
        for (int percent = 0; percent <= 100; percent += 20) {
            line(svg, LEFT, y(percent), WIDTH - RIGHT, y(percent), "#ddd", "");
            text(svg, LEFT - 6, y(percent) + 4, "end", percent + " %", "");
        }
        for (Tick tick : ticks) {
            line(svg, x(tick.at), bottom, x(tick.at), bottom + 4, "#333", "");
            text(svg, x(tick.at), bottom + 17, "middle", tick.label, "");
        }
        for (Tick mark : marks) {
            line(svg, x(mark.at), TOP, x(mark.at), bottom, "#999", "2 3");
            text(svg, x(mark.at) - 4, TOP + 12, "end", mark.label, "fill=\"#555\"");
        }
        line(svg, LEFT, bottom, WIDTH - RIGHT, bottom, "#333", "");
        text(svg, (LEFT + WIDTH - RIGHT) / 2.0, bottom + 36, "middle", x, "");
        double legend = LEFT;
        for (Line line : lines) {
            StringBuilder points = new StringBuilder();
            for (Point p : line.points) {
                points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(p.x), y(p.percent)));
            }
            svg.append(
                    "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\" points=\"%s\"/>\n"
                            .formatted(
                                    line.colour, line.dashes, points.toString().strip()));
            line(svg, legend, HEIGHT - 18, legend + 24, HEIGHT - 18, line.colour, line.dashes);
            text(svg, legend + 29, HEIGHT - 14, "start", line.name, "");
            legend += 46 + 6.6 * line.name.length();
        }
    }

    private double x(double value) {
        return LEFT + (WIDTH - LEFT - RIGHT) * Math.log(value / from) / Math.log(to / from);
    }

    private static double y(double percent) {
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * percent / 100;
    }

    private static void line(
            StringBuilder svg, double x1, double y1, double x2, double y2, String colour, String dashes) {
        svg.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%s\" stroke-dasharray=\"%s\"/>%n",
                x1,
                y1,
                x2,
                y2,
                colour,
                dashes.isEmpty() && colour.length() == 4 ? "1" : "2",
                dashes));
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text, String more) {
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>%s</text>%n",
                x,
                y,
                anchor,
                more,
                text));
    }
}
