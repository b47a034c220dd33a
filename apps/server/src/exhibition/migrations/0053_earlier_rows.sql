-- Files that came before are looked for by cinema and day.
create index report_row_by_cinema
  on exhibition.report_row ((coalesce(cinema_code, cinema_name, '')), last_date);
