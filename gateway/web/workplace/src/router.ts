import { createRouter, createWebHistory } from "vue-router";

export const router = createRouter({
  history: createWebHistory("/work/"),
  scrollBehavior: (_, __, saved) => saved ?? { top: 0 },
  routes: [
    { path: "/", name: "home", component: () => import("./home/HomePage.vue") },
    { path: "/search", name: "search", component: () => import("./home/SearchPage.vue") },
    { path: "/acts", name: "acts", component: () => import("./home/MyActsPage.vue") },
    { path: "/batches", name: "batches", component: () => import("./payments/BatchesPage.vue") },
    { path: "/batches/new", name: "new-batch", component: () => import("./payments/NewBatchPage.vue") },
    { path: "/batches/:id", name: "batch", component: () => import("./payments/BatchPage.vue"), props: true },
    { path: "/payments", name: "payments", component: () => import("./audit/PaymentsPage.vue") },
    { path: "/payments/:id", name: "payment", component: () => import("./audit/PaymentPage.vue"), props: true },
    { path: "/people/:subject", name: "person", component: () => import("./audit/PersonPage.vue"), props: true },
    { path: "/transactions", name: "transactions", component: () => import("./audit/ActsPage.vue") },
    { path: "/readings", name: "readings", component: () => import("./audit/ReadingsPage.vue") },
    { path: "/exports", name: "exports", component: () => import("./audit/ExportsPage.vue") },
    { path: "/transactions/:id", name: "transaction", component: () => import("./audit/TransactionPage.vue"), props: true },
    { path: "/rolls", name: "rolls", component: () => import("./rolls/RollsPage.vue") },
    { path: "/imports/:id", name: "import", component: () => import("./rolls/ImportPage.vue"), props: true },
    { path: "/changes/:id", name: "change", component: () => import("./rolls/ChangePage.vue"), props: true },
    { path: "/bank", name: "bank", component: () => import("./bank/BankPage.vue") },
    { path: "/tranches", name: "tranches", component: () => import("./funds/TranchesPage.vue") },
    { path: "/tranches/new", name: "issue", component: () => import("./funds/IssuePage.vue") },
    { path: "/tranches/:id", name: "tranche", component: () => import("./funds/TranchePage.vue"), props: true },
    { path: "/:rest(.*)*", name: "nothing", component: () => import("./shell/NothingPage.vue") },
  ],
});
