export function SettlePage() { return null; }
