import "./theme.js";
import "./fragments.js";
import "./dialogs.js";
import "./forms.js";
import "./lines.js";
import "./sums.js";
import "./toasts.js";
import "./keys.js";
import "./tree.js";
import "./board.js";
import "./typeahead.js";
import "./copy.js";
import "./rules.js";
import "./selection.js";
import "./tour.js";
import "./workbench.js";

document.documentElement.dataset.js = "";
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
