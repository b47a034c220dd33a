export function CinemaPage() { return null; }
