export function TermsListPage() { return null; }
