{#- How engines read the change log. -#}

{#- Rows of landed Parquet files with `_source` and `_batch`; a column that a file lacks is null. -#}
{% macro read_landed(files, source) %}{{ return(adapter.dispatch('read_landed')(files, source)) }}{% endmacro %}

{% macro default__read_landed(files, source) -%}
select
    * exclude (_file),
    '{{ source }}' as _source,
    regexp_extract(_file, 'batch=([^/\\]+)', 1) as _batch
from read_parquet({{ files }}, union_by_name = true, hive_partitioning = false, filename = '_file')
{%- endmacro %}

{#- Files of one table of one source, in the order of their batches. -#}
{% macro landed_files(source, table) %}{{ return(adapter.dispatch('landed_files')(source, table)) }}{% endmacro %}

{% macro default__landed_files(source, table) %}
    {%- set pattern = var('landing') ~ '/' ~ source ~ '/batch=*/' ~ table ~ '.parquet' -%}
    {%- set found = run_query("select file from glob('" ~ pattern ~ "') order by file") -%}
    {{- return(found.columns[0].values() | list) -}}
{% endmacro %}

{#- When the newest batch of any source was extracted (UTC), to the second; null before the first. -#}
{% macro newest_batch_time() %}{{ return(adapter.dispatch('newest_batch_time')()) }}{% endmacro %}

{% macro default__newest_batch_time() -%}
(
    select max(strptime(regexp_extract(file, 'batch=(\d{8}T\d{6})', 1), '%Y%m%dT%H%M%S'))
    from glob('{{ var('landing') }}/*/batch=*/manifest.json')
)
{%- endmacro %}
