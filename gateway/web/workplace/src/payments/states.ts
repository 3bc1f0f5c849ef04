import type { Schemas } from "../api/client";

type BatchState = Schemas["BatchState"];
type PaymentState = Schemas["Payment"]["state"];

// colours are those of badges: blue is under way, amber waits for somebody, green is done, red went wrong.
export const batchColours: Record<BatchState, string> = {
  open: "blue", sealed: "amber", approved: "amber", authorised: "amber", instructed: "blue", closed: "green", cancelled: "red",
};

export const paymentColours: Record<PaymentState, string> = {
  listed: "blue", sealed: "blue", approved: "blue", authorised: "blue", instructed: "amber", credited: "green", returned: "red", reversed: "red", cancelled: "",
};

export const batchStates = Object.keys(batchColours) as BatchState[];
export const paymentStates = Object.keys(paymentColours) as PaymentState[];
