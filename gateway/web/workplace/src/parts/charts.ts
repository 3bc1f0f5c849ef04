// The parts of the library of charts that are used. Its SVG can be read at every size, and in print.
import { BarChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, GridComponent, LegendComponent, AriaComponent, SVGRenderer]);

export const begin = (place: HTMLElement, width: number, height: number) => init(place, null, { renderer: "svg", width, height });
