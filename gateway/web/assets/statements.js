// The page of public statements: checks what is shown against the log that all agencies have cosigned.
import { both, startLanguage } from "./desk-kit.js";
import { prove, Said } from "./proof.js";

const $ = (id) => document.getElementById(id);
startLanguage({ "zh-CN": "公开声明", en: "Public statements" });

async function check(item) {
  const verdict = item.querySelector(".verdict");
  try {
    const found = await prove(item.querySelector(".statement").textContent);
    if (found.index !== Number(item.dataset.n)) throw new Said(`它在日志中是第 ${found.index} 条，不是第 ${item.dataset.n} 条`, `The log has it as number ${found.index}, not ${item.dataset.n}`);
    const signed = found.signed_by;
    verdict.className = "verdict good";
    verdict.replaceChildren(both(`属实：${signed.map((s) => s.zh).join("、")}共同签名，日志共 ${found.size} 条`, `True: signed by ${signed.map((s) => s.en).join(", ")}; the log has ${found.size}`));
    return true;
  } catch (e) {
    verdict.className = "verdict bad";
    verdict.replaceChildren(e instanceof Said ? both("未能证实：" + e.zh, "Not shown: " + e.en) : both("未能核验，请检查网络后再试", "Not checked: look at the network and try again"));
    return false;
  }
}

$("check").addEventListener("click", async () => {
  $("check").disabled = true;
  const items = [...document.querySelectorAll("[data-n]")];
  let good = 0;
  for (const item of items) good += await check(item);
  $("result").className = "tell " + (good === items.length ? "good" : "bad");
  $("result").replaceChildren(both(`本页 ${items.length} 份声明，${good} 份属实`, `${good} of the ${items.length} statements of this page are true`));
  $("check").disabled = false;
});
