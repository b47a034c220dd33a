/** Two frames of film, linked; where they meet, the light. 影 and 联 in one figure. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg
      className="mark"
      width={size}
      height={size}
      viewBox="0 0 32 32"
      aria-hidden="true"
      focusable="false"
    >
      <g fill="none" stroke="currentColor" strokeWidth="2.4">
        <rect x="3.2" y="7" width="15" height="18" rx="4" />
        <rect x="13.8" y="7" width="15" height="18" rx="4" />
      </g>
      <rect x="14.9" y="9.2" width="2.2" height="13.6" rx="1.1" fill="var(--lamp)" />
    </svg>
  );
}
