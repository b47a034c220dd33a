export function FilmsPage() { return null; }
