import { ref, shallowRef } from "vue";
import { useI18n } from "vue-i18n";
import { troubled, type Trouble } from "../api/problem";
import { onWritten, type Written } from "../shell/feed";
import { isMe } from "../shell/official";
import { half } from "../words";
import { moment } from "../words/time";
import type { Done } from "./DoneNote.vue";
import { told } from "./told";

// useRecord is what all pages of one record have: what was done on it here, what others do to it meanwhile, and what went wrong. read reads it as
// it is after a block; concerns says which records of the kind belong to the page, if not its own alone.
export function useRecord(kind: string, id: string, read: (atLeastBlock: number) => Promise<void>, concerns = (item: Written) => item.id === id) {
  const { t } = useI18n();
  const trouble = shallowRef<Trouble>();
  const said = shallowRef<Done | undefined>(told(id));
  const others = ref("");
  const mine = new Set<string>(said.value ? [said.value.transaction] : []);

  async function load(at: number): Promise<void> {
    try {
      await read(at);
      trouble.value = undefined;
    } catch (e) {
      trouble.value = troubled(e);
    }
  }

  function acted(what: Done): void {
    said.value = what;
    mine.add(what.transaction);
    others.value = "";
    void load(what.block);
  }

  onWritten((item) => {
    if (item.kind !== kind || mine.has(item.transaction) || !concerns(item)) return;
    if (item.id === id && !isMe(item.by)) others.value = t("record.others", { who: item.by?.name ?? t("record.someone"), act: half(item.title), at: moment(item.at) });
    void load(item.block);
  });
  void load(0);
  return { trouble, said, others, load, acted };
}
