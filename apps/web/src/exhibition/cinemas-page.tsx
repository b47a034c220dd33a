export function CinemasPage() { return null; }
