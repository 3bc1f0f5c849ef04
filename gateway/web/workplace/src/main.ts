import { createApp } from "vue";
import "../../assets/style.css";
import "../../assets/desk.css";
import App from "./App.vue";
import { router } from "./router";
import { startLook } from "./shell/look";
import { resume } from "./shell/official";
import { i18n, language } from "./words";
import "./workplace.css";

document.documentElement.lang = language();
startLook();
void resume();
createApp(App).use(i18n).use(router).mount("#app");
