-- Ratings that were given (1 to 5): satisfaction, not recommendation.
with mapped as (
    select
        'rating-' || r.id as response_id,
        p.party_code as customer_code,
        null as site_code,
        coalesce(r.write_date, r.create_date) as answered_at,
        r.rating as score,
        5 as scale_max,
        r.res_model as channel,
        {{ lineage('r', pk='r.id', changed_at='r.write_date') }}
    from {{ landed('odoo17', 'rating_rating') }} as r
    left join {{ odoo17_party() }} as p
        on r._source = p._source and r.partner_id = p.id
    where r.consumed and r.rating >= 1
)

select {{ canonical_columns('erp_survey_response') }} from mapped
