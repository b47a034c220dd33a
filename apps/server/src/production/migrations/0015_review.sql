-- A replaced word names the later one. Records are carried over in the order of their ids, in which
-- a row may only lean on an older one; what is named here is written in the same transaction.
alter table production.approval drop constraint approval_replaced_by_fkey;
