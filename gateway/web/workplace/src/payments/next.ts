import type { Schemas } from "../api/client";

type Batch = Schemas["Batch"];

// next is the act that a batch waits for, and undefined when it has come to its end.
export function next(batch: Batch): string | undefined {
  switch (batch.state) {
    case "open":
      return "payment.seal";
    case "sealed":
      return "payment.approve";
    case "approved":
      return batch.file_sha256 ? "payment.authorise" : "payment.make_file";
    case "authorised":
      return "payment.instruct";
    case "instructed":
      if (batch.take_back_reason) return "payment.confirm_take_back";
      return batch.totals?.pending === 0 ? "payment.close" : "payment.settle";
    default:
      return undefined;
  }
}

// preparers are everybody who ever prepared a batch; the last one does now.
export function preparers(batch: Batch): Pick<Schemas["Identity"], "agency" | "name">[] {
  if (batch.preparers?.length) return batch.preparers;
  return batch.acts?.[0] ? [batch.acts[0].by] : [];
}
